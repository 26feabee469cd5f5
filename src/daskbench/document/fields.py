"""Tables from rows of any kind: each column with where its value comes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from daskbench.document import Column

R = TypeVar("R")


@dataclass(frozen=True)
class Field(Generic[R]):
    """A column, and what a row has in it; None is no figure."""

    column: Column[Any]
    value: Callable[[R], Any]

    def text(self, row: R) -> str:
        """Write the cell of a row."""
        return self.column.text(self.value(row))


def columns_of(fields: Sequence[Field[R]]) -> list[Column[Any]]:
    """Return the columns alone."""
    return [field.column for field in fields]


def cells_of(fields: Sequence[Field[R]], row: R) -> list[Any]:
    """Return the cells of a row."""
    return [field.value(row) for field in fields]
