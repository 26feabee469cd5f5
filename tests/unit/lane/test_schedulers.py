"""The registry of schedulers, and Dask's own choices."""

from typing import Any

import dask
import dask.array as da
import dask.bag
import numpy as np
import pytest
from distributed.deploy.utils import nprocesses_nthreads

from daskbench.lane.protocol import Found
from daskbench.lane.schedulers import (
    SCHEDULERS,
    baseline_rank,
    config_section,
    is_plain,
    make_scheduler,
    processes_of_cluster,
    spills,
)
from daskbench.lane.schedulers.default import Default
from daskbench.lane.work import Work
from tests.unit.builders import opening


@pytest.mark.parametrize("cores", [*range(1, 130), 192, 256, 384])
def test_the_workers_of_a_default_cluster_are_as_dask_counts_them(cores: int) -> None:
    assert processes_of_cluster(cores) == nprocesses_nthreads(cores)[0]


def test_baselines_are_ranked_and_unknown_schedulers_are_none() -> None:
    ranks = {name: rank for name in SCHEDULERS if (rank := baseline_rank(name))}
    assert ranks == {"numpy": 1, "synchronous": 2}
    assert [name for name in SCHEDULERS if is_plain(name)] == ["numpy"]
    assert (baseline_rank("other"), config_section("other")) == (None, None)
    assert is_plain("other") is spills("other") is False


def test_options_of_workers_are_in_the_registry() -> None:
    takes = {name: kind.takes("terminate") for name, kind in SCHEDULERS.items()}
    assert [name for name, terminates in takes.items() if terminates] == ["distributed"]
    assert [name for name, kind in SCHEDULERS.items() if kind.takes("spill")] == [
        "distributed",
        "distributed-inproc",
    ]


class Of:
    """The work of these collections."""

    def __init__(self, *collections: Any) -> None:
        self.collections = collections

    def collection(self) -> Any:
        return list(self.collections)

    def calls(self) -> Any:
        return []

    def check(self, answer: Any) -> None:
        return None


def found_for(*collections: Any) -> tuple[Found, int]:
    """Return what the default scheduler tells of the collections, and their tasks."""
    scheduler = make_scheduler(opening(scheduler="default"))
    tasks = scheduler.count(Work(Of(*collections)))
    return scheduler.describe(), tasks


DELAYED = dask.delayed(abs)(-1)
BAG = dask.bag.from_sequence([1, 2], npartitions=2)


@pytest.mark.parametrize(
    ("collection", "config", "workers", "chosen"),
    [
        (DELAYED, {"num_workers": 3}, 3, "threads"),
        (da.ones(4), {"num_workers": 3}, 3, "threads"),
        (BAG, {"num_workers": 3}, 3, "processes"),
        (BAG, {"scheduler": "synchronous"}, None, "synchronous"),
        (DELAYED, {"pool": object()}, None, "threads"),
    ],
)
def test_dasks_default_is_found_and_told(
    collection: Any, config: dict[str, Any], workers: int | None, chosen: str
) -> None:
    with dask.config.set(config):
        found, tasks = found_for(collection)
    assert (found.workers, found.threads_per_worker) == (workers, None)
    assert (found.chosen, found.notes) == (chosen, ())
    assert tasks > 0


def test_without_configuration_all_cores_are_used() -> None:
    assert found_for(DELAYED)[0].workers == dask.system.CPU_COUNT


def test_collections_with_different_defaults_have_none() -> None:
    with pytest.raises(ValueError, match="differing default schedulers"):
        found_for(DELAYED, BAG)


def test_tasks_are_counted_on_the_default_scheduler() -> None:
    scheduler = Default(opening(scheduler="default"))
    work = Work(Of(DELAYED, da.ones(4, chunks=2).sum()))
    with scheduler.proof() as proof:
        answer = scheduler.compute(work)
    assert tuple(answer) == (1, np.float64(4))
    assert proof.tasks_run == scheduler.count(work)
