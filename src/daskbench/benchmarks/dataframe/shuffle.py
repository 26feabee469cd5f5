"""Rows with the same key brought together: each partition needs rows of all others."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from daskbench.benchmarks.dataframe.workload import InPandas, table_parameters
from daskbench.benchmarks.sizes import HALF

if TYPE_CHECKING:
    import pandas as pd


class Shuffle(InPandas):
    """Bring rows with the same key into one partition: ``df.shuffle("id")``.

    In pandas, rows are sorted by the number of their partition, and cut: what Dask does with each
    partition, but at once.
    """

    parameters: ClassVar = table_parameters(share=HALF)

    def work(self, frame: Any) -> Any:
        """Return the rows, shuffled by their id; those of a pandas frame as a list of parts."""
        return frame.shuffle("id") if hasattr(frame, "dask") else self._split(frame)

    def _split(self, frame: "pd.DataFrame") -> "list[pd.DataFrame]":
        import pandas as pd

        count = self.table.partitions
        hashes = pd.util.hash_array(frame["id"].to_numpy())
        numbers = (hashes % np.uint64(count)).astype(np.min_scalar_type(count))
        rows = frame.take(np.argsort(numbers, kind="stable"))
        ends = np.cumsum(np.bincount(numbers, minlength=count)).tolist()
        return [rows.iloc[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    @cached_property
    def _ids(self) -> int:
        """The number of different ids."""
        seen = np.zeros(self.table.rows, dtype=bool)
        for part in range(self.table.partitions):
            seen[self.table.columns(part)["id"]] = True
        return int(seen.sum())

    def wrong_order(self, found: "pd.DataFrame") -> str | None:
        """Check that no id is in two partitions."""
        apart = int(found["distinct"].sum())
        if apart == self._ids:
            return None
        return f"{self._ids:,} ids are in {apart:,} places, so some are in several partitions"
