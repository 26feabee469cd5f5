"""The samples in the format of pytest-benchmark's ``--benchmark-json``, for its ``compare``.

Source: ``pytest_benchmark.stats`` (Stats, Metadata), ``plugin.pytest_benchmark_generate_json``.
"""

from collections.abc import Sequence
from statistics import stdev

from daskbench import harmless
from daskbench.document import Document, Record
from daskbench.formats import Page
from daskbench.formats.counted import Counted, counted, one_line, run_of
from daskbench.journal.run import Run

#: The release of pytest-benchmark with this format.
_VERSION = "5.3.1"
#: A sample this many interquartile ranges beyond the quartiles is an outlier (Tukey).
_FENCE = 1.5


def render(document: Document, page: Page) -> str:
    """Return one benchmark per case, grouped by what is computed."""
    found = {
        "machine_info": _machine(run_of(document)),
        "commit_info": {  # Dask is measured, and its commit is unknown
            "id": "unknown",
            "time": None,
            "author_time": None,
            "dirty": False,
            "project": "daskbench",
            "branch": "(unknown)",
        },
        "benchmarks": [_benchmark(one) for one in counted(document)],
        "datetime": run_of(document).header.started,
        "version": _VERSION,
    }
    return harmless.json(found)


def _machine(run: Run) -> Record:
    environment = run.environment
    return {
        "node": environment.get("host"),
        "platform": environment.get("platform"),
        "python_version": environment.get("python"),
        "cpu": {"brand_raw": environment.get("cpu"), "count": environment.get("cores")},
        "versions": dict(environment.get("versions", {})),
    }


def _benchmark(one: Counted) -> Record:
    result = one.result
    case, suite, settings = result.case, result.suite, result.suite.settings
    what = case.benchmark if case.reference else case.described(without=suite.variants)
    return {
        "group": one_line(what),
        "name": one.name,
        "fullname": one.name,
        "params": {
            **case.parameters,
            "scheduler": case.scheduler,
            "workers": result.lane.workers,
            "threads_per_worker": result.lane.threads_per_worker,
        },
        "param": one_line(result.place),
        "extra_info": {"suite": suite.name, "invalid_samples": result.proof.invalid_samples},
        "options": {
            "disable_gc": False,
            "timer": "perf_counter",
            "min_rounds": settings.samples,
            "max_time": settings.budget_s,
            "min_time": settings.min_time_s,
            "warmup": settings.warmup > 0,
            "precision": None,  # its stopping rule is not ours
            "confidence": None,
        },
        "stats": _stats(one),
    }


def _stats(one: Counted) -> Record:
    """Return pytest-benchmark's statistics; the standard deviation divides by n - 1."""
    seconds, mean = one.seconds, one.summary.mean_s
    ordered, total = sorted(seconds), sum(seconds)
    std = stdev(seconds) if len(seconds) > 1 else 0.0
    q1, q3 = _quantile(ordered, 0.25), _quantile(ordered, 0.75)
    low, high = q1 - _FENCE * (q3 - q1), q3 + _FENCE * (q3 - q1)
    far = sum(abs(value - mean) > std for value in seconds)
    outside = sum(not low <= value <= high for value in seconds)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": mean,
        "stddev": std,
        "rounds": len(seconds),
        "median": one.summary.median_s,
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": outside,
        "stddev_outliers": far,
        "outliers": f"{far};{outside}",
        "ld15iqr": min(value for value in ordered if value >= low),
        "hd15iqr": max(value for value in ordered if value <= high),
        "ops": len(seconds) / total,
        "total": total,
        "data": seconds,
        "iterations": one.result.loops,
    }


def _quantile(ordered: Sequence[float], part: float) -> float:
    """Return Hazen's quantile, which for quartiles is pytest-benchmark's.

    Source: Hyndman & Fan (1996), "Sample quantiles in statistical packages", definition 5.
    """
    place = min(max(part * len(ordered) - 0.5, 0.0), len(ordered) - 1.0)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
