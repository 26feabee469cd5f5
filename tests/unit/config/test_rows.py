"""The rows of a work without --schedulers or --workers: few, none of them twice."""

from typing import Any

import pytest

from tests.unit.config.reading_config import places, suite_of


def rows(cores: int, **given: Any) -> list[str]:
    return places(suite_of("array_sum", cores, **given).cases)


def test_on_few_cores_a_cluster_as_it_comes_is_the_row_of_distributed() -> None:
    assert rows(2) == [
        "numpy",
        "synchronous",
        "default",
        "processes × 2",
        "distributed-inproc × 1×2",
        "default-cluster",
    ]


def test_on_many_cores_both_are_rows() -> None:
    own = ["default", "processes × 8", "distributed × 8", "distributed-inproc × 1×8"]
    assert rows(8) == ["numpy", "synchronous", *own, "default-cluster"]


@pytest.mark.parametrize("option", ["threads_per_worker", "memory_limit", "spill"])
def test_options_of_workers_make_distributed_another_row(option: str) -> None:
    value = {"threads_per_worker": "2", "memory_limit": "1GiB", "spill": "0.5"}[option]
    found = [name.partition(" ")[0] for name in rows(2, **{option: value})]
    assert found[-3:] == ["distributed", "distributed-inproc", "default-cluster"]


@pytest.mark.parametrize(
    ("workers", "defaults"), [("1,2", []), ("1,4", ["default", "default-cluster"])]
)
def test_a_series_of_workers_replaces_the_defaults_it_has_a_row_of(
    workers: str, defaults: list[str]
) -> None:
    series = ("threads", "processes", "distributed", "distributed-inproc")
    each = [f"{name} × {n}" for name in series for n in workers.split(",")]
    assert sorted(rows(2, workers=workers)) == sorted(["numpy", "synchronous", *each, *defaults])


def test_schedulers_that_are_named_are_all_measured() -> None:
    named = "threads,default,distributed,default-cluster"
    both = ["threads × 2", "default", "distributed × 2", "default-cluster"]
    assert rows(2, schedulers=named) == both
