"""The benchmarks: one file each, registered by one line here."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from daskbench.benchmarks.base import Benchmark, BenchmarkType, Graph, Known, Parameters
from daskbench.benchmarks.declared import create
from daskbench.benchmarks.targets import mistaken, target_of
from daskbench.benchmarks.work import find_work
from daskbench.benchmarks.work.base import WorkOptions
from daskbench.errors import UsageError, close

BENCHMARKS = {
    "calc_mean": "daskbench.benchmarks.calc_mean:CalcMean",
    "array_sum": "daskbench.benchmarks.array.sum:ArraySum",
    "transpose_add": "daskbench.benchmarks.array.transpose_add:TransposeAdd",
    "matmul": "daskbench.benchmarks.array.matmul:Matmul",
    "rechunk": "daskbench.benchmarks.array.rechunk:Rechunk",
    "map_overlap": "daskbench.benchmarks.array.map_overlap:MapOverlap",
    "fft": "daskbench.benchmarks.array.fft:Fft",
    "standardise": "daskbench.benchmarks.array.standardise:Standardise",
    "reshape": "daskbench.benchmarks.array.reshape:Reshape",
    "groupby": "daskbench.benchmarks.dataframe.groupby:Groupby",
    "shuffle": "daskbench.benchmarks.dataframe.shuffle:Shuffle",
    "merge": "daskbench.benchmarks.dataframe.merge:Merge",
    "set_index": "daskbench.benchmarks.dataframe.set_index:SetIndex",
    "parquet": "daskbench.benchmarks.dataframe.parquet:Parquet",
    "read_csv": "daskbench.benchmarks.dataframe.read_csv:ReadCsv",
    "word_count": "daskbench.benchmarks.bag.word_count:WordCount",
    "pandas_files": "daskbench.benchmarks.delayed.pandas_files:PandasFiles",
    "tree_reduction": "daskbench.benchmarks.delayed.tree_reduction:TreeReduction",
    "chain": "daskbench.benchmarks.delayed.chain:Chain",
    "empty_tasks": "daskbench.benchmarks.delayed.empty_tasks:EmptyTasks",
    "climatology": "daskbench.benchmarks.xarray.climatology:Climatology",
    "svd": "daskbench.benchmarks.linalg.svd:Svd",
    "svd_compressed": "daskbench.benchmarks.linalg.svd_compressed:SvdCompressed",
    "thresholds": "daskbench.benchmarks.worker_memory.thresholds:Thresholds",
}
#: Advice on a benchmark's figures: functions of parameters and figures. They need neither Dask nor
#: an instance, because they are also called for old journals.
ADVICE = {"svd_compressed": "daskbench.benchmarks.linalg.advice:on_approximation"}
#: `Known` facts about a benchmark's work, likewise.
KNOWN = {
    "calc_mean": "daskbench.benchmarks.calc_mean:KNOWN",
    "empty_tasks": "daskbench.benchmarks.delayed.empty_tasks:KNOWN",
}
#: References, which are measured beside other benchmarks and can't be selected.
REFERENCES = {
    "hardware": "daskbench.benchmarks.linalg.hardware:Hardware",
    "network": "daskbench.benchmarks.network.network:Network",
}
_ALL = "'daskbench bench list' shows the built-in ones; your own is FILE.py:NAME"
_NO_OPTIONS = WorkOptions()


def find_benchmark(name: str, options: WorkOptions = _NO_OPTIONS) -> BenchmarkType:
    """Return the class of a benchmark: a built-in one, or ``FILE.py:NAME`` or ``MODULE:NAME``.

    The `options` are for users' functions. This imports users' code, so only lanes and the
    processes of `daskbench.asking` may call it for a target. Raises UsageError if there is no such
    benchmark.
    """
    if target := target_of(name):
        return find_work(target, options)
    ours = BENCHMARKS | REFERENCES
    if name not in ours:
        hint = mistaken(name) or close(name, BENCHMARKS) or _ALL
        raise UsageError(f"no benchmark '{name}': {hint}")
    place, _, attribute = ours[name].partition(":")
    kind: BenchmarkType = getattr(import_module(place), attribute)
    return kind


def advice(name: str, parameters: Parameters, figures: Mapping[str, float]) -> str | None:
    """Return a built-in benchmark's advice on its figures, if any."""
    place, _, attribute = ADVICE.get(name, "").partition(":")
    if not place:
        return None
    found: str | None = getattr(import_module(place), attribute)(parameters, figures)
    return found


def known(name: str) -> Known:
    """Return what is known of a built-in benchmark's work; an empty `Known` for others."""
    place, _, attribute = KNOWN.get(name, "").partition(":")
    found: Known = getattr(import_module(place), attribute) if place else Known()
    return found


def graph_of(name: str, parameters: Parameters) -> Graph | None:
    """Return what the graph of a benchmark consists of; None if that is not known."""
    found = known(name).graph
    return found(parameters) if found else None


def make_benchmark(
    name: str, parameters: Parameters, seed: int, options: Mapping[str, Any] | None = None
) -> Benchmark:
    """Return an instance of the benchmark `name`; `options` are those of `WorkOptions`.

    Raises UsageError if the parameters contradict each other.
    """
    kind = find_benchmark(name, WorkOptions(**(options or {})))
    benchmark: Benchmark = create(name, kind, parameters, seed)
    return benchmark
