"""Rows with the same key brought together: each partition needs rows of all others."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from daskbench.benchmarks.dataframe.workload import Workload

if TYPE_CHECKING:
    import pandas as pd


class Shuffle(Workload):
    """Bring rows with the same key into one partition: ``df.shuffle("id")``.

    It has no equivalent in pandas.
    """

    def work(self, frame: Any) -> Any:
        """Return the rows, shuffled by their id."""
        return frame.shuffle("id")

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
