"""CSV files of a table: one each partition, in the lane's temporary folder."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from daskbench.benchmarks.base import Compute
from daskbench.benchmarks.dataframe.table import Table


@dataclass
class CsvFiles:
    """The files of a table, which exist once they are written."""

    table: Table
    folder: Path | None = None

    def write(self, compute: Compute) -> None:
        """Write the files, each by a task. The workers must see the lane's folder."""
        from dask import delayed

        compute(*[delayed(write_part)(self.table, *part) for part in self._new()])

    def write_here(self) -> None:
        """Write the files in this process, unless they are written."""
        if self.folder is None:
            for part in self._new():
                write_part(self.table, *part)

    def _new(self) -> list[tuple[int, str]]:
        self.folder = Path(tempfile.mkdtemp(prefix="csv-"))
        return [(part, str(path)) for part, path in enumerate(self.paths)]

    @property
    def paths(self) -> list[Path]:
        """The path of each partition. Raises RuntimeError if the files are not written."""
        if self.folder is None:
            raise RuntimeError("the files are written by prepare, which was not called")
        digits = len(str(self.table.partitions))
        return [self.folder / f"{part:0{digits}}.csv" for part in range(self.table.partitions)]

    def alias(self) -> str:
        """Return another name of the folder, as Dask makes the same keys of the same paths.

        Raises RuntimeError if the files are not written.
        """
        folder = self.paths[0].parent
        other = folder.with_name(f"csv-{uuid4().hex}")
        other.symlink_to(folder)
        return str(other)


def write_part(table: Table, part: int, path: str) -> int:
    """Write a partition to a file; return its number of rows."""
    frame = table.part(part)
    frame.to_csv(path, index=False)
    return len(frame)
