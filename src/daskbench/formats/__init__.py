"""A document to text: one file a format, and one line here to register it. None of them knows
which experiment it shows.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from daskbench.document import Document

FORMATS = {
    "table": "daskbench.formats.table",
    "plain": "daskbench.formats.plain",
    "markdown": "daskbench.formats.markdown",
    "csv": "daskbench.formats.csv",
    "json": "daskbench.formats.json",
}
#: What other tools read, each in the form of its own files; nothing to look at.
INTEROP = {
    "pyperf": "daskbench.formats.pyperf",
    "pytest_benchmark": "daskbench.formats.pytest_benchmark",
    "hyperfine": "daskbench.formats.hyperfine",
}


@dataclass(frozen=True)
class Page:
    """Where text will stand: how wide, whether in colour."""

    width: int = 80
    color: bool = False


class Format(Protocol):
    """A module of this package."""

    def render(self, document: Document, page: Page) -> str:
        """Return the whole document as text that ends with a line end."""
        ...


def render(name: str, document: Document, page: Page | None = None) -> str:
    """Return the document in the format of that name."""
    module: Format = import_module((FORMATS | INTEROP)[name])
    return module.render(document, page or Page())


def render_file(name: str, document: Document) -> str:
    """Return what stands in a file: the document in a format, or one of its tables as CSV."""
    if name not in document.tables:
        return render(name, document)
    from daskbench.formats.csv import render_records

    return render_records(document.tables[name]())
