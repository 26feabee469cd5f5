"""Turn values into a suite of graphs of known shape on each scheduler, beside a given benchmark."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from daskbench.asking import subject
from daskbench.config import HOW, WHERE, WORK, Key, make_suite
from daskbench.config.kinds import Here
from daskbench.config.values import list_of, one_of, percent_from, read_few
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS, is_plain
from daskbench.model import Case, Experiment, Scalar, Suite
from daskbench.units import format_seconds, parse_seconds

KIND = "overhead"
#: What the graphs consist of, and its parameters.
GRAPHS = "empty_tasks"
_PARAMETERS = ("tasks", "shape", "busy", "sleep", "returns")
#: The parameters of the graphs, as the help describes them.
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    GRAPHS: {
        "tasks": "100,500,10000",
        "shape": "wide,chain,tree,grid",
        "busy": "0, about the overhead of a task, 5 and 25 times as long",
        "sleep": "0",
        "returns": "0,1MB",
    }
}
#: The scheduler that shows the work of a benchmark's tasks: it does one after the other.
SERIAL = "synchronous"
_SCHEDULERS = (SERIAL, "threads", "processes-warm", "distributed", "distributed-inproc")
_ROUNDS, _BUDGET_S, _EFFICIENCY, _MOST_EFFICIENT = 40, 60.0, 0.9, 0.99
_WIDE, _CHAIN, *_OTHERS = "wide", "chain", "tree", "grid"
#: Numbers of tasks: of wide graphs, the first of which warms up its lane, and of the others. On a
#: cluster a chain of as many as the others takes too long.
_COUNTS, _OF_OTHERS, _OF_CHAIN = (500, 100, 10_000), 100, 20
#: Of a single number of tasks that is given, there is also a graph of so many times fewer.
_FEWER = 10
_RETURNED, _RETURNING = "1MB", 24
#: Pools of processes get so many tasks at a time (`dask.multiprocessing.get`): graphs of tasks that
#: take long have a multiple of it for each thread, or some processes would do more than others.
_BATCH = 6
#: Graphs of busy tasks: the CPU time of a task for each thread, in units. Each of them does as much
#: work in all, so that what else the machine does takes the same part of each. Half of the first is
#: overhead; of the last, nearly all is work.
_BUSY = (1, 5, 25)
#: That unit, about the overhead of a task, and tasks of one unit for each thread, 25 batches: one
#: after the other, in a pool of threads or of processes, and on a cluster. Much shorter tasks would
#: cost less than those that people have: threads that never wait are never woken up.
_SERIAL, _POOL, _CLUSTER = (50e-6, 150), (0.2e-3, 150), (0.5e-3, 150)


def _read_share(value: object) -> float:
    share = percent_from(0.01, "90%")(value)
    if share <= _MOST_EFFICIENT:
        return share
    raise UsageError(f"{value} can't be reached by any task; use up to {_MOST_EFFICIENT:.0%}")


KEYS = {
    **WHERE,
    "schedulers": Key(
        list_of(one_of(name for name in SCHEDULERS if not is_plain(name))),
        "NAME,...",
        f"Where to run. [{','.join(_SCHEDULERS)}]",
    ),
    "workers": WHERE["workers"].with_default("the number of usable cores; distributed-inproc: 1"),
    "efficiency": Key(
        _read_share,
        "PERCENT",
        "Report the smallest task of which this share is work. [90%]",
    ),
    "rounds": Key(
        read_few, "N", "Maximum number of rounds; most later ones sample busy tasks alone. [40]"
    ),
    "budget": HOW["budget"].with_default("60s"),
    "warmup": HOW["warmup"],
    "timeout": HOW["timeout"],
    "wait-for-workers": HOW["wait-for-workers"],
    "blas-threads": HOW["blas-threads"],
    **{name: key for name, key in WORK.items() if name != "as-is"},
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite: graphs of known shape, and the benchmark unless it consists of them.

    Raises UsageError if the values contradict each other.
    """
    others = benchmark != GRAPHS
    if others and subject(benchmark).traits.placed:
        raise UsageError(f"{benchmark} has workers of its own, so its tasks have no overhead here")
    chosen = {"rounds": _ROUNDS, "budget": _BUDGET_S, "hardware": False, **values}
    efficiency = chosen.pop("efficiency", _EFFICIENCY)
    schedulers = chosen.get("schedulers", _SCHEDULERS)
    chosen["schedulers"] = tuple(dict.fromkeys((SERIAL, *schedulers))) if others else schedulers
    known = {key for key in chosen if key in (*KEYS, "hardware") and key not in WORK}
    given = {} if others else {key: chosen[key] for key in _PARAMETERS if key in chosen}
    asked = {key: chosen[key] for key in chosen if others and key not in known}
    suite = make_suite(name, GRAPHS, {key: chosen[key] for key in known} | given, here.cores, KIND)
    _check_busy(_times_of(given), suite.settings.budget_s)
    places = _places(suite.cases, given)
    cases = [*_graphs(places, given, here.cores())]
    if others:
        alone = {**asked, "schedulers": (SERIAL,), "hardware": False}
        own = make_suite(name, benchmark, alone, here.cores, KIND).cases
        cases += [_replaced(place, one) for one in own for place in places]
    return msgspec.structs.replace(
        suite,
        cases=tuple(cases),
        variants=(),
        shares_lanes=True,
        experiment=Experiment(KIND, {"efficiency": efficiency}),
    )


def _places(cases: Sequence[Case], given: Mapping[str, Any]) -> list[Case]:
    """Return a case for each place. Raises UsageError for several values of ``sleep``."""
    if len(given.get("sleep", ())) > 1:
        raise UsageError("--sleep takes one value here: every task of every graph sleeps as long")
    first = cases[0].parameters
    return [case for case in cases if case.parameters == first]


def _replaced(place: Case, own: Case) -> Case:
    return msgspec.structs.replace(
        place, benchmark=own.benchmark, parameters=own.parameters, work=own.work
    )


def _graphs(places: Sequence[Case], given: Mapping[str, Any], cores: int) -> Iterator[Case]:
    """Yield the cases: each graph at all places, as their lanes then start two at a time.

    The first one warms up its lane.
    """
    for graph in _empty(given):
        yield from (_with(case, graph) for case in places)
    for units in _BUSY if "busy" not in given else ():
        yield from (_with(case, _busy(case, _threads(case, cores), units)) for case in places)
    times = _times_of(given)
    for busy_s in times:
        tasks = _work_of(times) / busy_s
        yield from (
            _with(case, _graph_of(_threads(case, cores) * tasks, busy_s)) for case in places
        )
    for size in filter(None, given.get("returns", (_RETURNED,))):
        yield from (
            _with(case, {"tasks": 1 + _returning(_threads(case, cores)), "returns": size})
            for case in places
        )


def _returning(threads: int) -> int:
    """Return the number of tasks that hand on bytes."""
    batches = threads * _BATCH
    return batches * -(-_RETURNING // batches)


def _times_of(given: Mapping[str, Any]) -> list[float]:
    """Return the given times of busy tasks, none or several: these tell work from what is beside.

    Of a single one there are also multiples.
    """
    times = sorted({*map(parse_seconds, filter(None, given.get("busy", ())))})
    return times if len(times) != 1 else [units * times[0] for units in _BUSY]


def _work_of(times: Sequence[float]) -> float:
    """Return the seconds of work for each thread: several batches even of the longest tasks."""
    return max(_CLUSTER[1] * min(times), _BATCH * max(times))


def _check_busy(times: Sequence[float], budget_s: float | None) -> None:
    if times and budget_s and (work_s := _work_of(times)) > budget_s:
        raise UsageError(
            f"--busy up to {format_seconds(max(times))}: a graph of such tasks takes "
            f"{format_seconds(work_s)} on each thread, more than --budget "
            f"{format_seconds(budget_s)}; use shorter tasks, or a larger budget"
        )


def _with(case: Case, graph: Mapping[str, Scalar]) -> Case:
    plain = {"shape": _WIDE, "busy": "", "returns": ""}
    return msgspec.structs.replace(case, parameters={**case.parameters, **plain, **graph})


def _empty(given: Mapping[str, Any]) -> list[dict[str, Scalar]]:
    """Return the graphs of empty tasks: those that are given, or each shape at a few counts.

    Of a single count there is also a smaller wide graph, or a larger one if that is small: it takes
    two to tell what a graph costs from what its tasks do, or how long work takes.
    """
    if {"tasks", "shape"} & given.keys():
        counts = given.get("tasks", sorted(_COUNTS))
        shapes = given.get("shape", (_WIDE, _CHAIN, *_OTHERS))
        found = [{"tasks": count, "shape": shape} for shape in shapes for count in counts]
        if len({*counts}) == 1:
            other = counts[0] // _FEWER if counts[0] >= _FEWER**2 else _FEWER * counts[0]
            found.append({"tasks": other, "shape": _WIDE})
        return found
    chosen = [*((count, _WIDE) for count in _COUNTS), (_OF_CHAIN, _CHAIN)]
    chosen += ((_OF_OTHERS, shape) for shape in _OTHERS)
    return [{"tasks": count, "shape": shape} for count, shape in chosen]


def _busy(case: Case, threads: int, units: int) -> dict[str, Scalar]:
    """Return a graph of busy tasks.

    What tasks wait for grows with the number of threads that one scheduler serves, so does their
    CPU time.
    """
    unit_s, tasks = _unit(case)
    return _graph_of(threads * tasks / units, unit_s * threads * units)


def _graph_of(tasks: float, busy_s: float) -> dict[str, Scalar]:
    return {"tasks": 1 + max(1, round(tasks)), "busy": _busy_text(busy_s)}


def _unit(case: Case) -> tuple[float, int]:
    kind = SCHEDULERS[case.scheduler]
    if case.scheduler == SERIAL:
        return _SERIAL
    return _CLUSTER if kind.reports else _POOL


def _busy_text(seconds: float) -> str:
    return f"{1000 * seconds:g}ms"


def _threads(case: Case, cores: int) -> int:
    """Return how many threads a case runs on, as far as that is known beforehand."""
    if case.scheduler == SERIAL:
        return 1
    return (case.workers or cores) * (case.threads_per_worker or 1)
