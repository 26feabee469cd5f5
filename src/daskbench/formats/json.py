"""JSON with everything in a document, as plain values."""

from daskbench import harmless
from daskbench.document import Document
from daskbench.formats import Page


def render(document: Document, page: Page) -> str:
    """Return the document's facts as one object."""
    return harmless.json(document.facts())
