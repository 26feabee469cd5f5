"""A table of ready text with lines below it: what a view shows beside its tables of times."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A heading, a table whose first column is the label, a drawing for terminals, and lines.

    Figures stand to the right, and what is under the titles in `left` to the left. `styles` are
    those of the rows on a terminal.
    """

    heading: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    drawing: Sequence[str] = ()
    lines: Sequence[str] = ()
    styles: Sequence[str] = ()
    left: Collection[str] = ()

    @property
    def right(self) -> list[bool]:
        """Which columns stand to the right."""
        return [False, *(title not in self.left for title in self.titles[1:])]
