"""A table of ready text with lines below it: what a view shows beside its tables of times."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A heading, a table whose first column is the label, a drawing for terminals, and lines."""

    heading: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    drawing: Sequence[str] = ()
    lines: Sequence[str] = ()
