"""Files one by one with pandas: read each, group its rows, and combine what was found."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute, Needs
from daskbench.benchmarks.dataframe.files import CsvFiles
from daskbench.benchmarks.dataframe.table import names, totals
from daskbench.benchmarks.dataframe.workload import make_table, table_parameters
from daskbench.benchmarks.extras import require
from daskbench.benchmarks.sizes import EIGHTH

if TYPE_CHECKING:
    import pandas as pd

_CLOSE = 1e-9


def figures_of(path: str) -> "pd.DataFrame":
    """Return the sum of x and the number of rows of each name in a file."""
    import pandas as pd

    return pd.read_csv(path).groupby("name")["x"].agg(["sum", "count"])


def combine(parts: Sequence["pd.DataFrame"]) -> "pd.DataFrame":
    """Return the figures of all files together, sorted by name."""
    import pandas as pd

    return pd.concat(parts).groupby(level=0).sum()


class PandasFiles:
    """Read and group CSV files one by one with pandas in ``dask.delayed``, and combine."""

    parameters: ClassVar = table_parameters("files", EIGHTH)

    def __init__(self, rows: int, files: int, seed: int, size: str = "") -> None:
        require("pandas_files", "dataframe")
        self.files = CsvFiles(make_table(rows, files, seed, "files"))

    def prepare(self, compute: Compute) -> None:
        """Write the files."""
        self.files.write(compute)

    def collection(self) -> Sequence[Any]:
        """Return the figures of all files, with new keys."""
        from dask import delayed

        parts = [delayed(figures_of)(str(path)) for path in self.files.paths]
        return [delayed(combine)(parts)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in a loop."""
        self.files.write_here()
        return [lambda: combine([figures_of(str(path)) for path in self.files.paths])]

    @cached_property
    def _totals(self) -> tuple[Any, Any]:
        return totals(self.files.table)

    def check(self, answer: Sequence[Any]) -> str | None:
        """Compare with the figures of NumPy."""
        [found] = answer
        sums, counts = self._totals
        right = [name for name, count in zip(names(), counts, strict=True) if count]
        if [*found.index] != right:
            return f"the result has {len(found):,} names, not the {len(right):,} of the files"
        if [*found["count"]] != [*counts[counts > 0]]:
            return f"the result counts {found['count'].sum():,} rows, not {counts.sum():,}"
        close = np.isclose(found["sum"].to_numpy(), sums[counts > 0], _CLOSE, 0.0)
        if close.all():
            return None
        name = right[int(np.argmin(close))]
        return f"sum of x of {name} is {found['sum'][name]:.12g}"

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the files that are read at once."""
        table = self.files.table
        part = -(-table.bytes // table.partitions)
        task = 4 * part
        return Needs(table.bytes, part, task if in_numpy else threads * task, task)
