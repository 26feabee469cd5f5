"""What dataframe workloads have in common: their table, and the check of the rows of the result."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute, Evaluation, Needs, Parameter
from daskbench.benchmarks.dataframe.summary import digest, summaries, total
from daskbench.benchmarks.dataframe.table import ROW_BYTES, Table
from daskbench.benchmarks.extras import require
from daskbench.benchmarks.linalg.accuracy import shared
from daskbench.benchmarks.sizes import MOST_CHUNK_BYTES, bytes_of, rounded, size_parameter, sized
from daskbench.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_SMALL_BYTES = 16_000_000
_PARTITIONS = 16
_MOST_PARTITIONS = 100_000


def _rows(size: str, share: float) -> int:
    return rounded(bytes_of(size, _SMALL_BYTES, share) / ROW_BYTES)


def _partitions(rows: int) -> int:
    """Return the number of partitions: at least 16, each of at most 128 MiB."""
    return min(rows, max(_PARTITIONS, -(-rows * ROW_BYTES // MOST_CHUNK_BYTES)))


def table_parameters(parts: str = "partitions", share: float = 1.0) -> dict[str, Parameter]:
    """Return the parameters that describe the table, and its `parts`.

    Sizes M and L are a `share` of the usual ones.
    """
    return {
        "size": size_parameter("rows", share),
        "rows": sized(partial(_rows, share=share), "Number of rows."),
        parts: Parameter(
            _PARTITIONS,
            f"Number of {parts}.",
            variant=True,
            derive=lambda others: _partitions(int(others["rows"])),
        ),
    }


def make_table(rows: int, count: int, seed: int, parts: str = "partitions") -> Table:
    """Return a table in `count` parts. Raises UsageError if these are too many."""
    if count > (most := min(rows, _MOST_PARTITIONS)):
        raise UsageError(f"--{parts} {count:,} is too many for {rows:,} rows; use at most {most:,}")
    return Table(rows, count, seed)


class Workload:
    """A function of a table. The result is a frame, which stays in the workers.

    There, each partition is summarised by the number of rows and the sum of their digests, which
    are compared with those of the right rows, made by pandas from each partition of the table.
    """

    parameters: ClassVar[dict[str, Parameter]] = table_parameters()
    keeps: ClassVar = True
    #: The column by which rows are moved.
    key: ClassVar = "id"
    #: Peak memory: copies of the table that all workers hold together, and partitions of one task.
    copies: ClassVar = 3.0
    partitions_of_a_task: ClassVar = 4.0

    def __init__(self, rows: int, partitions: int, seed: int, size: str = "") -> None:
        require(type(self).__module__.rpartition(".")[2], "dataframe")
        self.table = make_table(rows, partitions, seed)

    def work(self, frame: Any) -> Any:
        """Return the result for the table, a Dask or a pandas frame."""
        raise NotImplementedError

    def right(self, part: "pd.DataFrame") -> "pd.DataFrame":
        """Return the rows of the result that come from a partition of the table, in any order."""
        return part

    def wrong_order(self, found: "pd.DataFrame") -> str | None:
        """Return what is wrong with the place of rows, by the summaries of all partitions."""
        del found
        return None

    def collection(self) -> Sequence[Any]:
        """Return the result for a table with new keys."""
        return [self.work(self.table.collection())]

    @cached_property
    def _reference(self) -> tuple[int, int]:
        """The number of rows, and their digest."""

        def make() -> Any:
            rows = [(len(right), digest(right)) for right in map(self.right, self.table.parts())]
            counts, digests = zip(*rows, strict=True)
            return np.array([sum(counts), total(digests)], dtype=np.uint64)

        count, digested = shared(f"{type(self).__name__} {self.table}", make)
        return int(count), int(digested)

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the result of pandas."""
        return self._wrong(answer[0], None)

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Check the result where it is."""
        return Evaluation(self._wrong(answer[0], compute))

    def _wrong(self, result: Any, compute: Callable[..., Sequence[Any]] | None) -> str | None:
        one = result[0] if isinstance(result, list) else result
        if self.key not in (*one.columns, one.index.name):
            return f"the result has no column {self.key}, only {', '.join(one.columns)}"
        found = summaries(result, self.key, compute)
        count, digested = self._reference
        if (rows := int(found["rows"].sum())) != count:
            return f"the result has {rows:,} rows, not {count:,}"
        if total(map(int, found["digest"])) != digested:
            return "the rows of the result are not those that pandas finds"
        return self.wrong_order(found)

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the table, its partitions and the result."""
        size = self.table.bytes
        if in_numpy:
            return Needs(size, size, peak := round((1 + self.copies) * size), peak)
        part = -(-size // self.table.partitions)
        task = round(self.partitions_of_a_task * part)
        return Needs(size, part, round(self.copies * size) + threads * task, task)


class InPandas(Workload):
    """A workload with an equivalent in pandas."""

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in pandas, for the whole table."""
        return [lambda: self.work(self.table.whole())]


def wrong_between(found: "pd.DataFrame") -> str | None:
    """Return whether the ranges of partitions overlap, by the summaries of all of them."""
    filled = found[found["rows"] > 0]
    first, last = filled["first"].to_numpy(), filled["last"].to_numpy()
    return "partitions overlap" if (first[1:] < last[:-1]).any() else None
