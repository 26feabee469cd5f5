"""What the tests of the library of workloads share: tiny instances, answers and verdicts."""

from typing import Any

from daskbench.benchmarks import make_benchmark
from daskbench.benchmarks.base import Evaluates, Evaluation, Prepares
from daskbench.config.suites import make_suite
from daskbench.lane.schedulers.local import Synchronous
from daskbench.lane.work import Work, calls_of
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing


def parameters_of(name: str, **given: Any) -> dict[str, Any]:
    """The parameters of a benchmark, as a suite derives those that are not given."""
    values = {key.replace("_", "-"): (value,) for key, value in given.items()}
    suite = make_suite("x", name, values | {"schedulers": ("threads",), "workers": (1,)}, lambda: 1)
    return dict(suite.cases[0].parameters)


def made(name: str, **given: Any) -> Any:
    return make_benchmark(name, parameters_of(name, **given), seed=3)


def computed(benchmark: Any) -> Any:
    """The answer of a benchmark on Dask's synchronous scheduler."""
    if isinstance(benchmark, Prepares):
        benchmark.prepare(COMPUTE)
    return Work(benchmark).run(COMPUTE)


def looped(benchmark: Any) -> Any:
    """The answer of a benchmark in a plain loop."""
    return [call() for call in calls_of(benchmark)]


def judged(benchmark: Any, answer: Any) -> Evaluation:
    if isinstance(benchmark, Evaluates):
        return benchmark.account(answer, COMPUTE)
    return Evaluation(benchmark.check(answer))


def keys_of(benchmark: Any) -> set[Any]:
    """The keys of all tasks of a new collection."""
    return {key for one in benchmark.collection() for key in dict(one.__dask_graph__())}
