"""Empty tasks: as many as asked for, in each shape, with an answer that depends on all of them."""

from time import thread_time
from typing import Any

import dask
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.delayed.empty_tasks import EmptyTasks, graph_of
from daskbench.benchmarks.delayed.loads import spin
from daskbench.benchmarks.delayed.shapes import SHAPES
from daskbench.errors import UsageError
from daskbench.lane.probes.tasks import TaskCounter, count_tasks

any_shape = st.sampled_from(SHAPES)


@given(st.integers(2, 60), any_shape)
def test_dask_and_a_plain_loop_give_the_same_answer(tasks: int, shape: str) -> None:
    benchmark = EmptyTasks(tasks, shape, seed=0)
    with TaskCounter() as counter:
        answer = dask.compute(*benchmark.collection(), scheduler="synchronous")
    assert counter.tasks_run == count_tasks(benchmark.collection()) == tasks
    assert benchmark.check(answer) is None
    calls = benchmark.calls()
    assert len(calls) == tasks
    assert benchmark.check([call() for call in calls]) is None


@given(st.integers(2, 60), any_shape, st.data())
def test_a_wrong_result_of_any_task_is_found(tasks: int, shape: str, data: st.DataObject) -> None:
    """Also of the first layer, by what follows from it."""
    benchmark = EmptyTasks(tasks, shape, seed=0)
    wrong = data.draw(st.integers(0, tasks - 2))
    [collection] = benchmark.collection()
    graph = dict(collection.__dask_graph__())
    keys = [key for key in graph if key != collection.key]
    graph[keys[wrong]] = -7
    answer: Any = dask.get(graph, [collection.key])
    assert "results are wrong" in (benchmark.check(answer) or "")
    assert benchmark.check(
        [answer[0][:-1]]
    ) == f"{benchmark.shape.ends - 1} results instead of " + str(benchmark.shape.ends)


@pytest.mark.parametrize(
    ("shape", "above"),
    [
        ("wide", [[], [], [], [], []]),
        ("chain", [[], [0], [1], [2], [3]]),
        ("grid", [[], [], [0, 1], [0, 1], [2, 3]]),
        ("tree", [[], [], [], [0, 1], [2, 3]]),
    ],
)
def test_shapes_differ_in_what_depends_on_what(shape: str, above: list[list[int]]) -> None:
    benchmark = EmptyTasks(6, shape, seed=0)
    assert [[*benchmark.shape.above(number)] for number in range(5)] == above


def test_in_a_grid_a_task_has_up_to_three_neighbours() -> None:
    benchmark = EmptyTasks(17, "grid", seed=0)
    above = [[*benchmark.shape.above(number)] for number in range(4, 8)]
    assert above == [[0, 1], [0, 1, 2], [1, 2, 3], [2, 3]]


def test_each_collection_has_new_keys() -> None:
    benchmark = EmptyTasks(5, "wide", seed=0)
    graphs = [set(benchmark.collection()[0].__dask_graph__()) for _ in range(2)]
    assert not graphs[0] & graphs[1]


@pytest.mark.parametrize("tasks", [0, 1, 10**8])
def test_impossible_numbers_of_tasks_are_refused(tasks: int) -> None:
    with pytest.raises(UsageError, match="is out of range: use 2 to 10,000,000"):
        EmptyTasks(tasks, "wide", seed=0)


@given(st.integers(2, 200), any_shape)
def test_what_a_graph_consists_of_is_known_without_building_it(tasks: int, shape: str) -> None:
    [collection] = EmptyTasks(tasks, shape, seed=0).collection()
    graph = dict(collection.__dask_graph__())
    levels: dict[Any, int] = {}
    for key in graph:  # which come after all that they depend on
        levels[key] = 1 + max((levels[other] for other in graph[key].dependencies), default=0)
    found = graph_of({"tasks": tasks, "shape": shape})
    assert found.tasks == len(graph)
    gathered = len(graph[collection.key].dependencies)
    others = sum(len(task.dependencies) for task in graph.values()) - gathered
    assert found.dependencies == others
    assert found.steps == max(levels.values())
    assert (found.work_s, found.handed_bytes) == (0, 0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("load", [{"busy": "50us"}, {"sleep": "1ms"}, {"returns": "1kB"}])
def test_loads_change_what_tasks_do_but_not_their_answers(shape: str, load: Any) -> None:
    benchmark = EmptyTasks(9, shape, seed=0, **load)
    answer = dask.compute(*benchmark.collection(), scheduler="synchronous")
    assert benchmark.check(answer) is None
    assert benchmark.check([call() for call in benchmark.calls()]) is None


def test_busy_tasks_use_the_cpu_time_that_was_asked_for() -> None:
    start = thread_time()
    spin(0.01)
    assert thread_time() - start >= 0.01
    graph = graph_of({"tasks": 11, "shape": "wide", "busy": "2ms", "returns": "1kB"})
    assert graph.work_s == pytest.approx(0.02)
    assert graph.handed_bytes == 10_000


def test_more_work_than_a_day_is_refused() -> None:
    with pytest.raises(UsageError, match="take 278 hours; use fewer or shorter ones"):
        EmptyTasks(10**6 + 1, "wide", seed=0, sleep="1s")
