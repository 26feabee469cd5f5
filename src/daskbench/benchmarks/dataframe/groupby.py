"""Groups of rows by a name, a few figures of each."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from daskbench.benchmarks.dataframe.table import NAMES, names, totals
from daskbench.benchmarks.dataframe.workload import InPandas

if TYPE_CHECKING:
    import pandas as pd

_FIGURES = {"x": ["sum", "mean"], "y": ["min", "max", "count"]}
_CLOSE = 1e-9


class Groupby(InPandas):
    """Group by a string and aggregate: ``df.groupby("name").agg(...)``."""

    keeps: ClassVar = False
    copies: ClassVar = 0.0
    partitions_of_a_task: ClassVar = 5.0

    def work(self, frame: Any) -> Any:
        """Return figures of each name."""
        return frame.groupby("name").agg(_FIGURES)

    @cached_property
    def _figures(self) -> "pd.DataFrame":
        """The figures of each name, by NumPy: a row per name that occurs."""
        import pandas as pd

        sums, counts = totals(self.table)
        least, most = np.full(NAMES, 100), np.full(NAMES, -1)
        for part in range(self.table.partitions):
            columns = self.table.columns(part)
            np.minimum.at(least, columns["name"], columns["y"])
            np.maximum.at(most, columns["name"], columns["y"])
        means = sums / np.maximum(counts, 1)
        figures = np.stack([sums, means, least, most, counts], axis=1)
        wanted = [(column, figure) for column, those in _FIGURES.items() for figure in those]
        there = counts > 0
        return pd.DataFrame(figures[there], index=names()[there], columns=wanted)

    def _wrong(self, result: Any, compute: Any) -> str | None:
        right = self._figures
        if [*result.columns] != [*right.columns]:
            return f"the result has the columns {[*result.columns]}, not {[*right.columns]}"
        found = result.sort_index()
        if [*found.index] != [*right.index]:
            return f"the result has {len(found):,} groups, not the {len(right):,} of the table"
        close = np.isclose(found.to_numpy(dtype=float), right.to_numpy(), _CLOSE, 0.0)
        if close.all():
            return None
        row, column = np.argwhere(~close)[0]
        what, name = " of ".join(reversed(right.columns[column])), right.index[row]
        value, wanted = found.iloc[row, column], right.iloc[row, column]
        return f"{what} in group {name} is {value:.12g}, not {wanted:.12g}"
