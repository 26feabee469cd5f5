"""Word count and the delayed workloads: right answers, and wrong ones that are found."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from daskbench.errors import UsageError
from tests.unit.benchmarks.library import computed, judged, keys_of, looped, made

TINY: dict[str, list[dict[str, Any]]] = {
    "word_count": [{"lines": 203, "partitions": 4}, {"lines": 1}],
    "pandas_files": [{"rows": 1003, "files": 4}, {"rows": 1, "files": 1}],
    "tree_reduction": [{"numbers": 100, "leaves": leaves} for leaves in (1, 2, 7, 8)],
    "chain": [{"numbers": 100, "steps": 70, "chains": 3}, {"numbers": 1, "steps": 1, "chains": 1}],
}
EACH = [(name, given) for name, several in TINY.items() for given in several]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder, as a lane has."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("name", "given"), EACH)
def test_the_answer_is_right(name: str, given: dict[str, Any]) -> None:
    benchmark = made(name, **given)
    for _ in range(2):
        assert judged(benchmark, computed(benchmark)).wrong is None
    assert judged(benchmark, looped(benchmark)).wrong is None


@pytest.mark.parametrize(("name", "given"), EACH)
def test_keys_are_new_for_every_sample(name: str, given: dict[str, Any]) -> None:
    benchmark = made(name, **given)
    computed(benchmark)
    assert not keys_of(benchmark) & keys_of(benchmark)


@pytest.mark.parametrize(("name", "given"), EACH)
def test_memory_is_expected_from_the_data(name: str, given: dict[str, Any]) -> None:
    benchmark = made(name, **given)
    for in_numpy in (True, False):
        needs = benchmark.needs(in_numpy=in_numpy, threads=2)
        assert needs.peak_bytes >= needs.task_bytes >= needs.chunk_bytes > 0


def test_wrong_counts_of_words_are_found() -> None:
    benchmark = made("word_count", lines=203, partitions=4)
    [right] = computed(benchmark)
    (word, count), *others = right
    assert (
        f"{word} is counted {count + 1} times, not {count}"
        == judged(benchmark, [[(word, count + 1), *others]]).wrong
    )
    assert f"{word} is counted 0 times" in (judged(benchmark, [others]).wrong or "")
    assert "1 words occur twice" in (judged(benchmark, [[*right, (word, 1)]]).wrong or "")
    assert "none is counted 1 times, not 0" in (
        judged(benchmark, [[*right, ("none", 1)]]).wrong or ""
    )


def test_wrong_figures_of_files_are_found() -> None:
    benchmark = made("pandas_files", rows=1003, files=4)
    right: pd.DataFrame = computed(benchmark)[0]
    assert "names, not the" in (judged(benchmark, [right.iloc[1:]]).wrong or "")
    more = right.assign(count=right["count"] + 1)
    assert "rows, not 1,003" in (judged(benchmark, [more]).wrong or "")
    name = right.index[3]
    sums = right["sum"].where(right.index != name, right["sum"] + 1e-3)
    message = judged(benchmark, [right.assign(sum=sums)]).wrong or ""
    assert message.startswith(f"sum of x of {name} is")


@pytest.mark.parametrize(
    ("name", "message"),
    [("tree_reduction", "1 of 12 sums are wrong"), ("chain", "1 of 3 chains end with a wrong sum")],
)
def test_wrong_sums_are_found(name: str, message: str) -> None:
    benchmark = made(name, **TINY[name][2 if name == "tree_reduction" else 0])
    answer = [*computed(benchmark)]
    if name == "chain":
        answer[1] += 1
    else:
        answer[0][5] += 1
    expected = message.replace("12", str(len(answer[0]))) if name == "tree_reduction" else message
    assert judged(benchmark, answer).wrong == expected


def test_answers_of_another_length_are_found() -> None:
    chain, tree = made("chain", **TINY["chain"][0]), made("tree_reduction", numbers=100, leaves=8)
    assert judged(chain, computed(chain)[:2]).wrong == "2 ends instead of 3"
    [right] = computed(tree)
    assert "shape (11,), not (12,)" in (judged(tree, [right[1:]]).wrong or "")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("word_count", {"lines": 3, "partitions": 4}, "--partitions 4 is too many for 3 lines"),
        ("pandas_files", {"rows": 3, "files": 4}, "--files 4 is too many for 3 rows"),
        ("chain", {"chains": 10**5, "steps": 10**4}, "are too many tasks; use fewer"),
    ],
)
def test_contradicting_parameters_are_told(name: str, given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made(name, **given)
