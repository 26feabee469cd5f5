"""What a plot is: its title, what it shows in words, and how to draw it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from daskbench.document import Document

#: More rows, or lines over each other, than this are no plot to read.
MOST_ROWS, MOST_LINES = 60, 20


@dataclass(frozen=True)
class Plot:
    """A plot; `summary` is its text alternative, and `note` says what it leaves out.

    `draw` returns a model of Bokeh's.
    """

    title: str
    summary: str
    draw: Callable[[], Any]
    note: str = ""


class Plotter(Protocol):
    """A module of this package."""

    def plots(self, documents: Sequence[Document]) -> Iterator[Plot]:
        """Yield the plots of one kind; nothing if there is no data for them."""
        ...


def left_out(shown: int, every: int, what: str) -> str:
    """Say that some rows are not drawn; empty if all are."""
    return f"Only the first {shown} of {every} {what} are drawn." if shown < every else ""


def joined(*notes: str) -> str:
    """Return several notes as one."""
    return " ".join(filter(None, notes))
