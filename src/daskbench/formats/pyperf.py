"""The samples in pyperf's format, for ``python -m pyperf stats``, ``compare_to`` and more.

Source: ``pyperf._bench`` (Run, Benchmark, BenchmarkSuite), format version 1.0;
https://pyperf.readthedocs.io/en/latest/api.html#metadata for the metadata.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from daskbench import harmless
from daskbench.document import Document, Record
from daskbench.formats import Page
from daskbench.formats.counted import Counted, counted, one_line, run_of
from daskbench.journal.run import Run, Samples

_VERSION = "1.0"
_COLUMNS = ("session", "launch", "loops", "warmup", "valid")


def render(document: Document, page: Page) -> str:
    """Return a suite with one benchmark per case: seconds per loop, in one run per lane."""
    found = {
        "version": _VERSION,
        "metadata": _metadata(run_of(document)),
        "benchmarks": [_benchmark(one) for one in counted(document)],
    }
    return harmless.json(found)


def _metadata(run: Run) -> Record:
    """Return the metadata of all benchmarks, under pyperf's names if it has them."""
    environment, versions = run.environment, run.environment.get("versions", {})
    known = {
        "hostname": environment.get("host"),
        "platform": environment.get("platform"),
        "cpu_model_name": environment.get("cpu"),
        "cpu_count": environment.get("cores"),
        "python_version": environment.get("python"),
        "dask_version": versions.get("dask"),
        "distributed_version": versions.get("distributed"),
        "numpy_version": versions.get("numpy"),
    }
    told = {
        name: value if isinstance(value, int) else one_line(value)
        for name, value in known.items()
        if value  # pyperf refuses empty metadata
    }
    return {"unit": "second", "date": _date(run.header.started)} | told


def _date(started: str) -> str:
    """Return the time as pyperf writes it, without a time zone."""
    return datetime.fromisoformat(started).astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _benchmark(one: Counted) -> Record:
    return {"metadata": {"name": one.name}, "runs": list(_runs(one.samples))}


def _runs(samples: Samples) -> Iterable[Record]:
    """Return a run for each lane with counted samples, including its valid warm-up.

    A run has one number of loops: if a lane changed it, there is another run.
    """
    warmups: dict[tuple[float, float], list[tuple[int, float]]] = {}
    values: dict[tuple[float, float, int], list[float]] = {}
    columns = (samples[name].tolist() for name in _COLUMNS)
    every = zip(*columns, samples.every_loop_s.tolist(), strict=True)
    for session, launch, loops, warmup, valid, loop_s in every:
        if not valid:
            continue
        if warmup:
            warmups.setdefault((session, launch), []).append((int(loops), loop_s))
        else:
            values.setdefault((session, launch, int(loops)), []).append(loop_s)
    for (session, launch, loops), seconds in values.items():
        before = warmups.pop((session, launch), [])
        yield {
            "metadata": {"loops": loops},
            **({"warmups": before} if before else {}),
            "values": seconds,
        }
