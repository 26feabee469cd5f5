"""Turn a document into text: one file per format, and one line here to register it.

No format knows which experiment it shows.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from daskbench.document import Document

#: The format for terminals, which alone shows less than all.
TABLE = "table"
FORMATS = {
    TABLE: "daskbench.formats.table",
    "plain": "daskbench.formats.plain",
    "markdown": "daskbench.formats.markdown",
    "csv": "daskbench.formats.csv",
    "json": "daskbench.formats.json",
}
#: File formats of other tools, not for display.
INTEROP = {
    "pyperf": "daskbench.formats.pyperf",
    "pytest_benchmark": "daskbench.formats.pytest_benchmark",
    "hyperfine": "daskbench.formats.hyperfine",
}
#: Whole pages, for files alone.
PAGES = {"html": "daskbench.formats.webpage"}
#: The package of others that a format needs, and the extra of ours that brings it.
_PACKAGES = {"html": ("bokeh", "report")}
#: Stands for all columns of a table.
ALL = "all"
#: The option that explains a table.
EXPLAIN = "--explain"


@dataclass(frozen=True)
class Page:
    """The page for the text: its width in characters, and whether it takes colour, and `links`.

    `ascii` if it can show nothing else. `columns` are those that are asked for, by name; `wide` has
    all of them beside each other, however wide that is. `explain` adds legends and every finding,
    and `how` is what to type for that, if it can be told.
    """

    width: int = 80
    color: bool = False
    links: bool = False
    ascii: bool = False
    columns: tuple[str, ...] = ()
    wide: bool = False
    explain: bool = False
    how: str = ""

    @property
    def every(self) -> bool:
        """Whether all columns are asked for."""
        return self.wide or any(name.casefold() == ALL for name in self.columns)


class Format(Protocol):
    """A module of this package."""

    def render(self, document: Document, page: Page) -> str:
        """Return the whole document as text that ends with a newline."""
        ...


def render(name: str, document: Document, page: Page | None = None) -> str:
    """Return the document in the format of that name."""
    module: Format = import_module((FORMATS | INTEROP | PAGES)[name])
    return module.render(document, page or Page())


def render_file(name: str, document: Document) -> str:
    """Return the content of a file: the document in a format, or one of its tables as CSV."""
    if name not in document.tables:
        return render(name, document)
    from daskbench.formats.csv import render_records

    return render_records(document.tables[name]())


def missing(name: str) -> str | None:
    """Return what a format needs that is not installed, and how to get it; None if nothing."""
    package, extra = _PACKAGES.get(name, ("", ""))
    if not package or find_spec(package):
        return None
    return f"needs the Python package {package}: pip install 'daskbench[{extra}]'"
