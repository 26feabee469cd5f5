"""Tables from rows of any type: each column with the function that gets its value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from daskbench.document import Column

R = TypeVar("R")


@dataclass(frozen=True)
class Field(Generic[R]):
    """A column, and how to get its value from a row; None is no figure."""

    column: Column[Any]
    value: Callable[[R], Any]

    def text(self, row: R) -> str:
        """Return the cell of a row as text."""
        return self.column.text(self.value(row))


def columns_of(fields: Sequence[Field[R]]) -> list[Column[Any]]:
    """Return the columns alone."""
    return [field.column for field in fields]


def cells_of(fields: Sequence[Field[R]], row: R) -> list[Any]:
    """Return the cells of a row."""
    return [field.value(row) for field in fields]
