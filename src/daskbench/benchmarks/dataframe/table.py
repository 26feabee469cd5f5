"""The table of the dataframe workloads, generated from a seed, partition by partition."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: A row: id, x and y of 8 bytes each, and a name of 9 letters, with its offset.
ROW_BYTES = 8 + 8 + 8 + 13
#: The number of different names.
NAMES = 1000


@dataclass(frozen=True)
class Table:
    """`rows` rows in `partitions` parts of the same length, but for the last ones.

    ``id`` is an integer in [0, rows), ``name`` one of `NAMES` strings, ``x`` a float in [0, 1) with
    two digits, and ``y`` an integer in [0, 100); all are random.
    """

    rows: int
    partitions: int
    seed: int

    @property
    def bytes(self) -> int:
        """The approximate size in bytes."""
        return self.rows * ROW_BYTES

    def length(self, part: int) -> int:
        """Return the number of rows of a partition."""
        return self.rows // self.partitions + (part < self.rows % self.partitions)

    def columns(self, part: int) -> dict[str, Any]:
        """Return the columns of a partition as arrays, with names as their numbers."""
        random, length = np.random.default_rng([self.seed, part]), self.length(part)
        return {
            "id": random.integers(0, self.rows, length),
            "name": random.integers(0, NAMES, length),
            "x": random.integers(0, 100, length) / 100,
            "y": random.integers(0, 100, length),
        }

    def part(self, part: int) -> "pd.DataFrame":
        """Return a partition."""
        import pandas as pd

        columns = self.columns(part)
        return pd.DataFrame(columns | {"name": names().take(columns["name"])})

    def parts(self) -> Iterator["pd.DataFrame"]:
        """Yield the partitions one after the other."""
        return map(self.part, range(self.partitions))

    def whole(self) -> "pd.DataFrame":
        """Return all rows as one frame."""
        import pandas as pd

        return pd.concat(self.parts(), ignore_index=True)

    def collection(self) -> Any:
        """Return a Dask DataFrame with unique keys."""
        import dask.dataframe as dd

        return dd.from_map(
            part_of, range(self.partitions), args=[self, uuid4().hex], meta=self.part(0).iloc[:0]
        )


def totals(table: Table) -> tuple[Any, Any]:
    """Return the sum of x and the number of rows of each name, by NumPy."""
    sums, counts = np.zeros(NAMES), np.zeros(NAMES, dtype=int)
    for part in range(table.partitions):
        columns = table.columns(part)
        sums += np.bincount(columns["name"], columns["x"], NAMES)
        counts += np.bincount(columns["name"], minlength=NAMES)
    return sums, counts


def part_of(part: int, table: Table, _unique: str) -> "pd.DataFrame":
    """Return a partition of a table."""
    return table.part(part)


@cache
def names() -> Any:
    """Return all names, as strings of pyarrow."""
    import pandas as pd

    return pd.array([f"name-{number:04}" for number in range(NAMES)], dtype="string[pyarrow]")
