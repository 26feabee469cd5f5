"""The dataframe workloads: right answers in any partitions, and wrong ones that are found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import pandas as pd
import pytest

from daskbench.benchmarks import extras
from daskbench.benchmarks.dataframe.summary import digest
from daskbench.benchmarks.dataframe.table import Table
from daskbench.errors import UsageError
from tests.unit.benchmarks.library import computed, judged, keys_of, looped, made, parameters_of

NAMES = ("groupby", "shuffle", "merge", "set_index", "parquet", "read_csv")
KEPT = [name for name in NAMES if name != "groupby"]
Change = Callable[[Any], Any]
#: Dask's own use of pandas.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder, as a lane has."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("rows", "partitions"), [(1000, 4), (1003, 7), (10, 10), (1, 1), (50, 1)])
@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_right(name: str, rows: int, partitions: int) -> None:
    benchmark = made(name, rows=rows, partitions=partitions)
    for _ in range(2):
        assert judged(benchmark, computed(benchmark)).wrong is None
    assert judged(benchmark, looped(benchmark)).wrong is None
    assert benchmark.check(looped(benchmark)) is None


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_new_for_every_sample(name: str) -> None:
    benchmark = made(name, rows=100, partitions=4)
    computed(benchmark)
    assert not keys_of(benchmark) & keys_of(benchmark)


def parted(change: Change) -> Change:
    """Change a frame, and give back what is changed in its own partitions."""

    def changed(frame: Any) -> Any:
        parts = [part.compute(scheduler="synchronous") for part in frame.partitions]
        new = change([part.copy() for part in parts])
        return dd.from_map(lambda part: part, new, meta=new[0].iloc[:0])

    return changed


def one_value(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    y = parts[1]["y"].to_numpy(copy=True)
    y[0] += 1
    return [parts[0], parts[1].assign(y=y), *parts[2:]]


def other_strings(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    reversed_names = parts[1]["name"].iloc[::-1].to_numpy()
    return [parts[0], parts[1].assign(name=reversed_names), *parts[2:]]


def one_lost(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    return [parts[0].iloc[1:], *parts[1:]]


def one_twice_for_another(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    return [pd.concat([parts[0].iloc[1:], parts[0].iloc[1:2]]), *parts[1:]]


@pytest.mark.parametrize("change", [one_value, other_strings, one_lost, one_twice_for_another])
@pytest.mark.parametrize("name", KEPT)
def test_wrong_rows_are_found(name: str, change: Change) -> None:
    benchmark = made(name, rows=1000, partitions=4)
    right, *others = computed(benchmark)
    assert judged(benchmark, [parted(lambda parts: parts)(right), *others]).wrong is None
    message = judged(benchmark, [parted(change)(right), *others]).wrong
    assert message
    if change is one_lost:
        assert "rows, not" in message


def test_ids_in_two_partitions_are_found() -> None:
    benchmark = made("shuffle", rows=1000, partitions=4)
    unshuffled = benchmark.table.collection()
    assert "several partitions" in (judged(benchmark, [unshuffled]).wrong or "")
    assert "several partitions" in (judged(benchmark, [[*benchmark.table.parts()]]).wrong or "")


def test_rows_out_of_order_are_found() -> None:
    benchmark = made("set_index", rows=1000, partitions=4)
    [right] = computed(benchmark)
    turned = parted(lambda parts: [part.iloc[::-1] for part in parts])(right)
    assert "in the order of their ids" in (judged(benchmark, [turned]).wrong or "")
    moved = parted(lambda parts: parts[::-1])(right)
    assert judged(benchmark, [moved]).wrong == "partitions overlap"


@pytest.mark.parametrize("name", KEPT)
def test_another_table_is_found(name: str) -> None:
    benchmark = made(name, rows=1000, partitions=4)
    answer = computed(benchmark)
    other = pd.DataFrame({"key": [1, 2]})
    assert "has no column id" in (judged(benchmark, [other, *answer[1:]]).wrong or "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.iloc[1:], "groups, not the"),
        (lambda frame: frame * (1 + 1e-6), "sum of x in group name-0000 is"),
        (lambda frame: frame.drop(columns=("y", "min")), "the result has the columns"),
    ],
)
def test_wrong_groups_are_found(change: Change, message: str) -> None:
    benchmark = made("groupby", rows=5000, partitions=4)
    [right] = computed(benchmark)
    assert message in (judged(benchmark, [change(right)]).wrong or "")


def test_the_files_of_a_sample_are_removed(folder: Path) -> None:
    benchmark = made("parquet", rows=100, partitions=2)
    for _ in range(2):
        judged(benchmark, computed(benchmark))
        judged(benchmark, looped(benchmark))
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["parquet", "read_csv"])
def test_to_ask_for_the_graph_writes_no_file(name: str, folder: Path) -> None:
    with pytest.raises(RuntimeError, match="by prepare"):
        made(name, rows=100, partitions=2).collection()
    assert [*folder.iterdir()] == []


def test_a_digest_does_not_depend_on_order_columns_or_kind_of_strings() -> None:
    frame = Table(100, 1, 0).part(0)
    same = frame.sample(frac=1, random_state=1)[["y", "name", "x", "id"]]
    assert digest(same.astype({"name": object})) == digest(frame)
    assert digest(frame.assign(y=frame["y"].to_numpy()[::-1])) != digest(frame)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    message = r"set_index needs pandas and pyarrow: pip install 'daskbench\[dataframe\]'"
    with pytest.raises(UsageError, match=message):
        made("set_index")


def test_too_many_partitions_are_told() -> None:
    with pytest.raises(UsageError, match="--partitions 11 is too many for 10 rows; use at most 10"):
        made("groupby", rows=10, partitions=11)


@pytest.mark.parametrize("name", NAMES)
def test_memory_is_expected_from_the_data(name: str) -> None:
    benchmark = made(name, rows=10**6)
    needs = benchmark.needs(in_numpy=False, threads=2)
    assert needs.data_bytes > 30e6
    assert needs.peak_bytes >= 2 * needs.task_bytes > 2 * needs.chunk_bytes
    assert benchmark.needs(in_numpy=True, threads=1).peak_bytes >= needs.data_bytes
    assert parameters_of(name, rows=10**8)["partitions"] == 28
