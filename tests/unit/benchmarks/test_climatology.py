"""The climatology: right for any grid and chunks, and wrong means that are found."""

from collections.abc import Callable
from typing import Any

import pytest

from daskbench.benchmarks import extras
from daskbench.errors import UsageError
from tests.unit.benchmarks.library import computed, judged, keys_of, looped, made

SMALL = {"grid": "3x5", "years": 2, "days": 100}
xarray = pytest.importorskip("xarray", reason="xarray is not installed")


@pytest.mark.parametrize("given", [SMALL, SMALL | {"days": 1000}, SMALL | {"years": 1, "days": 7}])
def test_the_answer_is_right(given: dict[str, Any]) -> None:
    benchmark = made("climatology", **given)
    for _ in range(2):
        assert judged(benchmark, computed(benchmark)).wrong is None
    assert judged(benchmark, looped(benchmark)).wrong is None


def test_keys_are_new_for_every_sample() -> None:
    """Only the positions of each month's days, which depend on no data, have the same keys."""
    benchmark = made("climatology", **SMALL)
    both = keys_of(benchmark) & keys_of(benchmark)
    assert {str(key).lstrip("('")[:13] for key in both} <= {"shuffle-taker", "shuffle-sorte"}


def with_one_value(means: Any) -> Any:
    changed = means.copy()
    changed[4, 1, 2] += 1e-6
    return changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_one_value, "month 5 at (1, 2) has the mean"),
        (lambda means: means[1:], "not 12 months"),
        (lambda means: means[:, 1:], "the result has the shape (12, 2, 5), not (12, 3, 5)"),
        (lambda means: means.roll(lat=1), "month 1 at (0, 0) has the mean"),
    ],
)
def test_wrong_means_are_found(change: Callable[[Any], Any], message: str) -> None:
    benchmark = made("climatology", **SMALL)
    [right] = computed(benchmark)
    assert message in (judged(benchmark, [change(right)]).wrong or "")


def test_chunks_of_large_grids_hold_fewer_days() -> None:
    benchmark = made("climatology", grid="500x1000", years=10)
    assert benchmark.days == 33
    needs = benchmark.needs(in_numpy=False, threads=2)
    assert needs.chunk_bytes < 1 << 27 < needs.data_bytes


def test_years_out_of_range_are_told() -> None:
    with pytest.raises(UsageError, match="--years 2,000 is out of range: use 1 to 1,000"):
        made("climatology", years=2000)


def test_without_xarray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "xarray" else name)
    message = r"climatology needs xarray: pip install 'daskbench\[xarray\]'"
    with pytest.raises(UsageError, match=message):
        made("climatology")
