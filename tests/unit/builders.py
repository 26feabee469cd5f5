"""Small builders: cases, plans, samples, and runs that were really written and read."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from daskbench import formats
from daskbench.account import CAUSES, Accounted
from daskbench.config.kinds import Here
from daskbench.document import Document
from daskbench.events import (
    SCHEMA,
    Event,
    Finished,
    Happening,
    Header,
    LaneStarted,
    Reading,
    Sample,
    WorkerEvent,
)
from daskbench.experiments.ab.document import document_of
from daskbench.experiments.ab.rows import Comparisons
from daskbench.experiments.report import Report, build
from daskbench.formats import Page
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.write import JournalWriter
from daskbench.lane.protocol import Open
from daskbench.model import Case, Experiment, Plan, Scalar, Settings, Suite
from daskbench.stats.result_tables import ResultTable

PARAMETERS: dict[str, Scalar] = {"n": 100_000, "tasks": 100, "rng": "legacy"}
ENVIRONMENT: dict[str, Any] = {
    "host": "here",
    "cpu": "a processor",
    "cores": 4,
    "python": "3.11.9",
    "versions": {"dask": "2026.8.0"},
    "temp_folder": "/tmp",
    "temp_filesystem": "ext4",
}
RUN_ID = "20261123-101500-made-up"
NUMPY_S = (0.100, 0.102, 0.101)
THREADS_S = (0.050, 0.052, 0.051)
#: Of fewer than five rounds there are no intervals.
FIVE_S = ((*NUMPY_S, 0.100, 0.102), (*THREADS_S, 0.050, 0.052))
SVD: dict[str, Scalar] = {"shape": "200x10", "chunks": "50x10", "method": "tsqr"}
COMPRESSED: dict[str, Scalar] = {"k": 5, "iterator": "power", "power_iterations": 0}


def make_case(
    scheduler: str = "threads",
    workers: int | None = None,
    threads_per_worker: int | None = None,
    **parameters: Scalar,
) -> Case:
    return Case("calc_mean", scheduler, PARAMETERS | parameters, workers, threads_per_worker)


def make_svd_case(
    scheduler: str = "distributed", workers: int | None = None, **parameters: Scalar
) -> Case:
    return Case("svd", scheduler, SVD | parameters, workers)


def make_compressed_case(workers: int = 2, **parameters: Scalar) -> Case:
    return Case("svd_compressed", "distributed", COMPRESSED | parameters, workers)


def make_hardware_case(probe: str = "dgemm", threads: int = 1) -> Case:
    parameters: dict[str, Scalar] = {"probe": probe, "threads": threads}
    return Case("hardware", "numpy", parameters, blas_threads=threads, reference=True)


def make_svd_suite(*cases: Case, name: str = "svd", **more: Any) -> Suite:
    """Cases that share a table where they differ in variants alone."""
    variants = ("chunks", "method", "iterator", "power_iterations", "oversamples")
    return Suite(name, cases, variants=variants, experiment=_experiment(cases), **more)


def make_suite(*cases: Case, name: str = "suite", **settings: Any) -> Suite:
    cases = cases or (make_case("numpy"), make_case(workers=2))
    how = Settings(**{"rounds": 7, **settings})
    return Suite(name, cases, how, experiment=_experiment(cases))


def _experiment(cases: Iterable[Case]) -> Experiment:
    return Experiment("ab" if any(case.side.name for case in cases) else "compare")


def make_plan(*suites: Suite, seed: int = 0) -> Plan:
    return Plan(suites or (make_suite(),), seed)


def make_header(plan: Plan | None = None, run_id: str = RUN_ID, **environment: Any) -> Header:
    return Header(
        schema=SCHEMA,
        run_id=run_id,
        command="schedulers",
        started="2026-11-23T10:15:00+00:00",
        plan=plan or make_plan(),
        environment=ENVIRONMENT | environment,
    )


def make_sample(case: int = 0, round: int = 1, wall_s: float = 0.1, **changes: Any) -> Sample:
    proof = {"tasks_expected": 100, "tasks_run": 100, "valid": True, "answer_ok": True}
    return Sample(case=case, round=round, wall_s=wall_s, **proof | changes)


def make_invalid(case: int = 0, round: int = 1, wall_s: float = 0.001, **changes: Any) -> Sample:
    wrong = {"valid": False, "tasks_run": 0, "reason": "0 of 100 tasks ran"}
    return make_sample(case, round, wall_s, **wrong | changes)


def timed(case: int, seconds: Iterable[float], **changes: Any) -> list[Sample]:
    """One valid sample a round."""
    return [make_sample(case, number, s, **changes) for number, s in enumerate(seconds, 1)]


def make_accounted(
    case: int = 0, wall_s: float = 1.0, threads: int = 1, **changes: Any
) -> Accounted:
    """Return an account; causes that are given are in core-seconds, all others are 0."""
    causes = {cause: changes.pop(cause, 0.0) for cause in CAUSES}
    usual = {"whole_s": wall_s * threads, "tasks": 100, "threads": threads, "valid": True}
    return Accounted(case=case, wall_s=wall_s, causes=causes, **usual | changes)


def make_lane(case: int = 0, **changes: Any) -> LaneStarted:
    return LaneStarted(**{"case": case, "launch": 0, "startup_s": 0.8, "tasks": 100} | changes)


def make_reading(
    at_s: float = 1.0,
    worker: str = "0",
    managed: int = 60,
    unmanaged: int = 30,
    recent: int = 10,
    **changes: Any,
) -> Reading:
    """Return a reading that is balanced; sizes are in MiB, but for those in `changes`."""
    sizes: dict[str, Any] = {
        "process_bytes": managed + unmanaged + recent << 20,
        "managed_bytes": managed << 20,
        "unmanaged_bytes": unmanaged << 20,
        "unmanaged_recent_bytes": recent << 20,
        "spilled_bytes": 0,
    }
    usual: dict[str, Any] = {
        "case": 0,
        "at_s": at_s,
        "worker": worker,
        "state": "running",
        "span_s": 0.5,
    }
    return Reading(**usual | sizes | changes)


def make_event(what: Happening, at_s: float = 1.0, worker: str = "0", **more: Any) -> WorkerEvent:
    return WorkerEvent(case=0, at_s=at_s, worker=worker, what=what, **more)


def write_journal(path: Path, header: Header, events: Iterable[Event]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with JournalWriter.create(path, header) as journal:
        for event in events:
            journal.append(event)
    return path


def make_run(
    folder: Path,
    events: Sequence[Event] | None = None,
    plan: Plan | None = None,
    *,
    finish: bool = True,
    run_id: str = RUN_ID,
    **environment: Any,
) -> Run:
    """Write a journal through the writer, and read it back. By default: two good cases."""
    if events is None:
        events = [
            make_lane(0),
            make_lane(1, workers=2),
            *timed(0, NUMPY_S, peak_rss_bytes=100 << 20),
            *timed(1, THREADS_S, peak_rss_bytes=200 << 20),
        ]
    end = [Finished("complete", 10.0)] if finish else []
    path = folder / f"{run_id}.jsonl"
    return read_run(write_journal(path, make_header(plan, run_id, **environment), [*events, *end]))


def make_report(
    folder: Path, events: Sequence[Event] | None = None, plan: Plan | None = None, **more: Any
) -> Report:
    published = more.pop("published", False)
    return build(make_run(folder, events, plan, **more), published=published)


def _document(shown: Report | Document) -> Document:
    return shown.document if isinstance(shown, Report) else shown


def render(view: str, shown: Report | Document, page: Page | None = None) -> str:
    return formats.render(view, _document(shown), page)


def render_file(name: str, shown: Report | Document) -> str:
    return formats.render_file(name, _document(shown))


def render_comparison(view: str, compared: Comparisons, page: Page | None = None) -> str:
    return formats.render(view, document_of(compared), page)


def render_samples(report: Report) -> str:
    return render_file("samples", report)


def render_timeline(report: Report) -> str:
    return render_file("timeline", report)


def render_events(report: Report) -> str:
    return render_file("events", report)


def result_tables_of(run: Run) -> list[ResultTable]:
    return build(run).tables


def here(cores: int, memory_bytes: int = 8 << 30) -> Here:
    return Here(lambda: cores, lambda: memory_bytes)


def opening(**given: Any) -> Open:
    """The command that opens a lane; what is not given is as little as there can be."""
    least: dict[str, Any] = {
        "benchmark": "calc_mean",
        "scheduler": "numpy",
        "parameters": {},
        "seed": 0,
        "blas_threads": 1,
    }
    return Open(**least | {name: value for name, value in given.items() if name != "op"})
