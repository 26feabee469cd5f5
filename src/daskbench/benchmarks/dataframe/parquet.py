"""A table written to Parquet files and read back."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from daskbench.benchmarks.base import Compute, Evaluation
from daskbench.benchmarks.dataframe.workload import Workload, table_parameters
from daskbench.benchmarks.sizes import HALF


class Parquet(Workload):
    """Write Parquet files and read them: ``df.to_parquet(path)``, ``dd.read_parquet(path)``."""

    keeps: ClassVar = False  # the table that was read stays in the workers
    parameters: ClassVar = table_parameters(share=HALF)
    copies: ClassVar = 1.75

    _folder: Path | None = None

    def prepare(self, compute: Compute) -> None:
        """Make the folder of all samples. The workers must see it."""
        del compute
        self._folder = Path(tempfile.mkdtemp(prefix="parquet-"))

    def collection(self) -> Sequence[Any]:
        """Return the write into a new folder, and the path of that."""
        import dask.dataframe as dd
        import pandas as pd

        if self._folder is None:
            raise RuntimeError("the folder is made by prepare, which was not called")
        path = str(self._folder / uuid4().hex)
        told = dd.from_pandas(pd.DataFrame({"path": [path]}), npartitions=1)
        write = self.table.collection().to_parquet(path, write_index=False, compute=False)
        return [write, told]

    def proceed(self, results: Sequence[Any], compute: Compute) -> Sequence[Any]:
        """Return what is read from the files, and their folder."""
        import dask.dataframe as dd

        path = results[1]["path"].iloc[0]
        return [*compute.keep(dd.read_parquet(path)), path]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in pandas, with one file."""
        return [self._in_pandas]

    def _in_pandas(self) -> Sequence[Any]:
        import pandas as pd

        path = Path(tempfile.mkdtemp(prefix="parquet-"))
        self.table.whole().to_parquet(path / "all.parquet", index=False)
        return [pd.read_parquet(path / "all.parquet"), str(path)]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check what was read, and remove the files."""
        return self._wrong_files(answer, None)

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Check what was read where it is, and remove the files."""
        return Evaluation(self._wrong_files(answer, compute))

    def _wrong_files(self, answer: Sequence[Any], compute: Compute | None) -> str | None:
        frame, path = answer[0] if len(answer) == 1 else answer
        try:
            return self._wrong(frame, compute)
        finally:
            shutil.rmtree(path, ignore_errors=True)
