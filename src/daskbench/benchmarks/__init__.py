"""The benchmarks: one file each, and one line here to register it."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from daskbench.benchmarks import users
from daskbench.benchmarks.base import Benchmark, BenchmarkType, Known, Parameters
from daskbench.benchmarks.declared import made
from daskbench.errors import UsageError, nearest

BENCHMARKS = {
    "calc_mean": "daskbench.benchmarks.calc_mean:CalcMean",
    "svd": "daskbench.benchmarks.linalg.svd:Svd",
    "svd_compressed": "daskbench.benchmarks.linalg.svd_compressed:SvdCompressed",
    "thresholds": "daskbench.benchmarks.worker_memory.thresholds:Thresholds",
}
#: What some of them can say of their own figures: functions of parameters and figures, which need
#: neither Dask nor an instance, as they are asked for runs of long ago.
ADVICE = {"svd_compressed": "daskbench.benchmarks.linalg.advice:on_approximation"}
#: What is known of the work of some, in the same way.
KNOWN = {"calc_mean": "daskbench.benchmarks.calc_mean:KNOWN"}
#: What is measured beside others, and can't be chosen.
REFERENCES = {"hardware": "daskbench.benchmarks.linalg.hardware:Hardware"}


def file_of(benchmark: str) -> tuple[Path, str] | None:
    """Return file and class of ``FILE.py:CLASS``; None for the name of one of ours.

    Raises UsageError where the class is missing.
    """
    if "\0" in benchmark:
        raise UsageError("the name of a benchmark contains NUL")
    file, _, attribute = benchmark.rpartition(":")
    if file.endswith(".py") and attribute:
        return Path(file), attribute
    if benchmark.removesuffix(":").endswith(".py"):
        raise UsageError(f"{benchmark} names no class; write {benchmark.removesuffix(':')}:CLASS")
    return None


def find_benchmark(name: str) -> BenchmarkType:
    """Return the class of the benchmark called `name`: one of ours, or ``FILE.py:CLASS``.

    A user's file is imported here and now: only lanes, and what `daskbench.asking` starts, do so.
    Raises UsageError where there is none.
    """
    if own := file_of(name):
        path, attribute = own
        module = users.load(path)
        if not hasattr(module, attribute):
            raise UsageError(f"{path} has no class {attribute}")
        found: BenchmarkType = getattr(module, attribute)
        return found
    ours = BENCHMARKS | REFERENCES
    if name not in ours:
        raise UsageError(f"no benchmark '{name}': {nearest(name, BENCHMARKS)}, or FILE.py:CLASS")
    place, _, attribute = ours[name].partition(":")
    kind: BenchmarkType = getattr(import_module(place), attribute)
    return kind


def advice(name: str, parameters: Parameters, figures: Mapping[str, float]) -> str | None:
    """Return what a benchmark of ours has to say of figures that it gave, if anything."""
    place, _, attribute = ADVICE.get(name, "").partition(":")
    if not place:
        return None
    found: str | None = getattr(import_module(place), attribute)(parameters, figures)
    return found


def known(name: str) -> Known:
    """Return what is known of the work of a benchmark of ours; of others it is nothing."""
    place, _, attribute = KNOWN.get(name, "").partition(":")
    found: Known = getattr(import_module(place), attribute) if place else Known()
    return found


def make_benchmark(name: str, parameters: Parameters, seed: int) -> Benchmark:
    """Return the benchmark called `name` with its parameters set.

    Raises UsageError where they don't go together.
    """
    benchmark: Benchmark = made(name, find_benchmark(name), parameters, seed)
    return benchmark
