"""What has to run in a sample, of collections and of a work that computes by itself."""

from types import SimpleNamespace
from typing import Any

import dask
import pytest

from daskbench.benchmarks.work.base import Whole
from daskbench.lane.probes.tasks import TaskCounter
from daskbench.lane.probes.watch import begin, received
from daskbench.lane.proving import apart, expected_tasks, reason, shortfall, tasks_run
from daskbench.lane.work import Work
from tests.unit.lane.laning import watched


class Own:
    """A work that computes by itself, as often as it says."""

    def __init__(self, tasks: int | None, computes: int | None, anywhere: bool) -> None:
        self.found = Whole(tasks, computes, anywhere)

    def whole(self) -> Whole:
        return self.found

    def run(self) -> list[int]:
        return [5]

    @property
    def tasks_elsewhere(self) -> int:
        return 7


def own(tasks: int | None = 10, computes: int | None = 2, *, anywhere: bool = False) -> Work:
    return Work(Own(tasks, computes, anywhere))  # type: ignore[arg-type]


def seen(
    run: int,
    known: int | None = None,
    computes: int = 2,
    reused: int = 0,
    stray: str | None = None,
) -> Any:
    return SimpleNamespace(
        tasks_run=run,
        tasks_known=known,
        computes=computes,
        tasks_reused=reused,
        tasks_astray=0,
        stray=stray,
    )


@pytest.mark.parametrize(
    ("work", "proof", "expected"),
    [
        (own(10), seen(9), 10),
        (own(10), seen(9, known=14), 14),
        (own(10), seen(9, known=14, reused=5), 9),
        (own(None), seen(9), 9),
        (own(None), seen(0), 1),
        (own(10), seen(0, known=0), 1),
    ],
)
def test_a_whole_work_has_its_reference_or_what_distributed_received(
    work: Work, proof: Any, expected: int
) -> None:
    assert expected_tasks([work], proof, lambda _: 99) == expected


@pytest.mark.parametrize(
    ("work", "proof", "short"),
    [
        (own(), seen(10), None),
        (own(10, None), seen(10, computes=7), None),
        (own(), seen(0), "no task ran: it returned no Dask collection and computed none, or"),
        (own(), seen(10, stray="threads"), "tasks ran on threads: the work chose that scheduler"),
        (own(10, None, anywhere=True), seen(0, stray="threads"), None),
        (own(), seen(5, computes=1), "1 compute reached this scheduler, but 2 in the reference"),
    ],
)
def test_a_whole_work_that_computes_elsewhere_is_found(
    work: Work, proof: Any, short: str | None
) -> None:
    found = shortfall([work], proof)
    assert found == short or (found and short and found.startswith(short))


def test_a_whole_work_is_run_and_measured_one_by_one() -> None:
    one, two = own(), own()
    assert one.run(None) == [5]  # type: ignore[arg-type]
    assert (one.tasks(), own(None).tasks(), one.collections) == (10, 1, [])
    assert apart([one, two]) == [[one], [two]]


def test_tasks_on_clusters_of_its_own_count_only_for_a_work_as_it_is() -> None:
    assert tasks_run([own()], seen(3)) == 3
    assert tasks_run([own(anywhere=True)], seen(3)) == 10


@pytest.mark.parametrize(
    ("scheduler", "stray"), [("synchronous", "threads"), ("threads", None), ("", None)]
)
def test_tasks_on_another_local_scheduler_are_strays(scheduler: str, stray: str | None) -> None:
    with TaskCounter(scheduler) as counter:
        dask.delayed(sum)([1, 2]).compute(scheduler="threads")
    assert (counter.tasks_run, counter.stray) == (1, stray)


def test_calls_of_numpy_are_counted_as_ever() -> None:
    works = [[abs], [abs]]
    assert shortfall(works, seen(0)) is None
    assert expected_tasks(works, seen(1), len) == 2
    assert apart(works) == [works]


def test_what_is_wrong_comes_in_this_order() -> None:
    assert reason(1, 2, "short", ["wrong"]) == "short"
    assert reason(1, 2, None, ["wrong"]) == "1 of 2 tasks ran"
    assert reason(2, 2, None, ["wrong"]) == "wrong answer: wrong"
    assert reason(2, 2, None, []) is None


def test_persisted_data_are_reused_within_a_sample_even_if_they_are_late() -> None:
    """The next graph may arrive while they are still being computed, and then they are its own."""
    watch, scheduler = watched()
    begin(scheduler, watch.name)
    watch.update_graph(scheduler, client="ours", tasks=["a", "b"])
    watch.transition("a", "processing", "memory")
    watch.update_graph(scheduler, client="ours", tasks=["a", "b", "sum"])
    for key in ("b", "sum"):
        watch.transition(key, "processing", "memory")
    assert received(scheduler, watch.name) == (2, 2, 0)


def test_constants_are_no_tasks() -> None:
    class DataNode: ...

    watch, scheduler = watched()
    scheduler.tasks = {"data": SimpleNamespace(run_spec=DataNode()), "x": SimpleNamespace()}
    begin(scheduler, watch.name)
    watch.update_graph(scheduler, client="ours", tasks=["data", "x"])
    assert watch.graphs == [({"x"}, set())]
