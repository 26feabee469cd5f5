"""Two tables joined by a key that both have in random order."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import numpy as np

from daskbench.benchmarks.dataframe.workload import InPandas, table_parameters
from daskbench.benchmarks.sizes import HALF

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Other:
    """The right table: a row for each even id below `rows`, none of them in order."""

    rows: int
    partitions: int

    def part(self, part: int, _unique: str = "") -> "pd.DataFrame":
        """Return a partition: every so-many-th of the ids."""
        import pandas as pd

        ids = 2 * np.arange(part, -(-self.rows // 2), self.partitions)[::-1]
        return pd.DataFrame({"id": ids, "z": z_of(ids)})

    def whole(self) -> "pd.DataFrame":
        """Return all rows as one frame."""
        import pandas as pd

        return pd.concat(map(self.part, range(self.partitions)), ignore_index=True)

    def collection(self) -> Any:
        """Return a Dask DataFrame with unique keys."""
        import dask.dataframe as dd

        meta = self.part(0).iloc[:0]
        return dd.from_map(self.part, range(self.partitions), args=[uuid4().hex], meta=meta)


def z_of(ids: Any) -> Any:
    """Return the value that the right table has for ids."""
    return ids * 7919 % 1009


class Merge(InPandas):
    """Join two large tables, half of whose rows match: ``left.merge(right, on="id")``."""

    parameters: ClassVar = table_parameters(share=HALF)
    copies: ClassVar = 4.0

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.other = Other(self.table.rows, self.table.partitions)

    def work(self, frame: Any) -> Any:
        """Return the joined rows."""
        import pandas as pd

        in_pandas = isinstance(frame, pd.DataFrame)
        right = self.other.whole() if in_pandas else self.other.collection()
        return frame.merge(right, on="id")

    def right(self, part: "pd.DataFrame") -> "pd.DataFrame":
        """Return the rows with even ids, and what the right table has for these."""
        even = part[part["id"] % 2 == 0]
        return even.assign(z=z_of(even["id"]))
