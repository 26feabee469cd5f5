"""What can be computed: one file a benchmark, and one line here to register it."""

from importlib import import_module

from daskbench.benchmarks.base import Benchmark, BenchmarkType, Parameters
from daskbench.errors import UsageError, nearest

BENCHMARKS = {
    "calc_mean": "daskbench.benchmarks.calc_mean:CalcMean",
}


def find_benchmark(name: str) -> BenchmarkType:
    """Return the class of the benchmark called `name`; raises UsageError where there is none."""
    if name not in BENCHMARKS:
        raise UsageError(f"no benchmark '{name}': {nearest(name, BENCHMARKS)}")
    module, _, attribute = BENCHMARKS[name].partition(":")
    found: BenchmarkType = getattr(import_module(module), attribute)
    return found


def make_benchmark(name: str, parameters: Parameters, seed: int) -> Benchmark:
    """Return the benchmark called `name` with its parameters set."""
    return find_benchmark(name)(**parameters, seed=seed)
