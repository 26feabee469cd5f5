"""A table sorted by a column: its quantiles, and a shuffle into ranges between them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute
from daskbench.benchmarks.dataframe.workload import Workload, table_parameters, wrong_between
from daskbench.benchmarks.sizes import HALF

if TYPE_CHECKING:
    import pandas as pd


class SetIndex(Workload):
    """Sort by a column: quantiles, then ``df.set_index("id", divisions=quantiles)``.

    Without divisions Dask computes them itself, by the same two passes over the table, but while it
    builds the graph, and so not on the scheduler that is measured.
    """

    parameters: ClassVar = table_parameters(share=HALF)
    keeps: ClassVar = False  # these are the quantiles; the frame stays in the workers

    def collection(self) -> Sequence[Any]:
        """Return the quantiles of the ids, their minimum and maximum."""
        ids = self.table.collection()["id"]
        parts = np.linspace(0, 1, self.table.partitions + 1)[1:-1]
        return [ids.quantile([*parts]) if len(parts) else ids.sum(), ids.min(), ids.max()]

    def proceed(self, results: Sequence[Any], compute: Compute) -> Sequence[Any]:
        """Return the table, sorted by its ids into ranges between the quantiles."""
        quantiles, least, most = results
        between = np.unique(np.atleast_1d(quantiles).astype(int))
        inner = between[(between > least) & (between < most)]
        divisions = [int(least), *map(int, inner), int(most)]
        return compute.keep(self.table.collection().set_index("id", divisions=divisions))

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in pandas."""
        return [lambda: self.table.whole().set_index("id").sort_index()]

    def wrong_order(self, found: "pd.DataFrame") -> str | None:
        """Check that rows are in the order of their ids, in and between partitions."""
        if not found["sorted"].all():
            return "rows of a partition are not in the order of their ids"
        return wrong_between(found)
