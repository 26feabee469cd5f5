"""A table read from CSV files."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from daskbench.benchmarks.base import Compute
from daskbench.benchmarks.dataframe.files import CsvFiles
from daskbench.benchmarks.dataframe.workload import Workload, table_parameters
from daskbench.benchmarks.sizes import EIGHTH


class ReadCsv(Workload):
    """Read CSV files, one per partition: ``dd.read_csv("*.csv")``."""

    parameters: ClassVar = table_parameters(share=EIGHTH)
    copies: ClassVar = 1.5

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.files = CsvFiles(self.table)

    def prepare(self, compute: Compute) -> None:
        """Write the files."""
        self.files.write(compute)

    def collection(self) -> Sequence[Any]:
        """Return the table of the files, with new keys."""
        import dask.dataframe as dd

        return [dd.read_csv(f"{self.files.alias()}/*.csv", blocksize=None)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in pandas, file by file."""
        self.files.write_here()
        return [self._in_pandas]

    def _in_pandas(self) -> Any:
        import pandas as pd

        return pd.concat(map(pd.read_csv, self.files.paths), ignore_index=True)
