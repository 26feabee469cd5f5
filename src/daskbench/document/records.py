"""Results as rows of plain values, under the names that CSV and JSON share.

Names carry units; None means that there is no figure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from daskbench.document import Record, Records, accounts
from daskbench.journal.run import Run, apart
from daskbench.stats.memory import CaseMemory
from daskbench.stats.results import Result

_BEFORE_PARAMETERS = 4
TIMELINE = (
    "time_s",
    "worker",
    "process_bytes",
    "managed_bytes",
    "unmanaged_bytes",
    "unmanaged_recent_bytes",
    "spilled_bytes",
    "state",
    "span_s",
    "written_bytes",
    "monitor_bytes",
    "read_bytes",
    "write_s",
    "read_s",
    "shuffle_written_bytes",
    "shuffle_read_bytes",
)
EVENTS = ("time_s", "worker", "event", "rss_bytes")
_FIELDS = {"time_s": "at_s", "event": "what"}


def _where_known(result: Result, more: Record) -> Record:
    """Return the figures that only some benchmarks or experiments have."""
    found = {
        "side": result.case.side.name or None,
        "chosen": result.lane.chosen or None,
        "memory_limit_bytes": result.case.memory_limit_bytes,
        "flops": result.rates.flops,
        "flops_per_s": result.rates.flops_per_s,
        "dgemm_share": result.rates.dgemm_share,
        "moved_bytes": result.rates.moved_bytes,
        "workers_rss_bytes": result.memory.workers_rss_bytes,
        "bytes_per_s": result.rates.bytes_per_s,
        "notes": "; ".join(result.notes) or None,
        **more,
    }
    return {name: value for name, value in found.items() if value is not None}


def row_of(result: Result, run_id: str, more: Record) -> Record:
    """Return a result as one flat row, its parameters after the first four columns.

    `more` are the additional figures of its experiment.
    """
    summary, ratio, case = result.summary, result.comparison.ratio, result.case
    before = {
        "benchmark": case.benchmark,
        "scheduler": case.scheduler,
        "workers": result.lane.workers,
        "threads_per_worker": result.lane.threads_per_worker,
        **case.parameters,
        "samples": result.samples,
        "invalid_samples": result.proof.invalid_samples,
        "loops": result.loops,
        "mean_s": summary and summary.mean_s,
        "std_s": summary and summary.std_s,
        "median_s": summary and summary.median_s,
        "min_s": summary and summary.min_s,
        "max_s": summary and summary.max_s,
        "build_s": result.build_s,
        "ratio": ratio and ratio.value,
        "ratio_low": ratio and ratio.low,
        "ratio_high": ratio and ratio.high,
        "verdict": result.comparison.verdict,
        "efficiency": result.efficiency,
        "tasks_expected": result.proof.tasks_expected,
        "tasks_run": result.proof.tasks_run,
        "answer_ok": result.proof.answer_ok,
        "status": result.status,
        "reason": result.reason,
        "peak_rss_bytes": result.memory.peak_rss_bytes,
        "peak_pss_bytes": result.memory.peak_pss_bytes,
        "startup_s": result.lane.startup_s,
    }
    after = {**_where_known(result, more), "suite": result.suite.name, "run_id": run_id}
    return {**before, **apart(result.figures, {*before, *after}), **after}


def timeline_rows(run: Run, number: int) -> list[Record]:
    """Return a row for each reading of a case's workers; times count from the start of the run."""
    return [
        {name: getattr(one, _FIELDS.get(name, name)) for name in TIMELINE}
        for one in run.readings.get(number, [])
    ]


def event_rows(run: Run, number: int) -> list[Record]:
    """Return a row for each event of a case's workers."""
    return [
        {name: getattr(event, _FIELDS.get(name, name)) for name in EVENTS}
        for event in run.happenings.get(number, [])
    ]


def records_of(results: Sequence[Result], run_id: str, more: Mapping[int, Record]) -> Records:
    """Return a row for each result."""
    rows = [row_of(result, run_id, more.get(result.number, {})) for result in results]
    return ordered(rows, (result.case.parameters for result in results))


def with_rows(records: Records, more: list[Record]) -> Records:
    """Return records with more rows, which have columns of their own."""
    names = dict.fromkeys(name for row in more for name in row)
    known = records.names if records.rows or not more else ()
    return Records([*dict.fromkeys((*known, *names))], [*records.rows, *more])


def ordered(rows: list[Record], parameters: Iterable[Iterable[str]]) -> Records:
    """Return rows with the union of their columns; the parameters of all are adjacent."""
    fixed = list(rows[0])[:_BEFORE_PARAMETERS] if rows else []
    every = dict.fromkeys(name for row in rows for name in row)
    own = dict.fromkeys([*fixed, *(name for one in parameters for name in one)])
    first = rows[0] if rows else {}
    *figures, suite, run_id = [name for name in first if name not in own] or ["suite", "run_id"]
    more = [name for name in every if name not in own and name not in first]
    return Records([*own, *figures, *more, suite, run_id], rows)


def samples_of(run: Run) -> Records:
    """Return a row for each sample, including warm-up and invalid ones."""
    frame = run.frame()
    rows: list[Record] = frame.to_dict("records")  # type: ignore[assignment]
    return Records(list(frame.columns), rows)


def timeline_of(run: Run, memory: Sequence[CaseMemory]) -> Records:
    """Return a row for each reading of a worker; the last column is the case's place in the run."""
    return _of_cases(run, memory, TIMELINE, timeline_rows)


def events_of(run: Run, memory: Sequence[CaseMemory]) -> Records:
    """Return a row for each event of a worker."""
    return _of_cases(run, memory, EVENTS, event_rows)


def _of_cases(
    run: Run,
    memory: Sequence[CaseMemory],
    names: Sequence[str],
    rows_of: Callable[[Run, int], list[Record]],
) -> Records:
    rows = [
        {**row, "case": case.label, "case_number": case.number}
        for case in memory
        for row in rows_of(run, case.number)
    ]
    return Records([*names, "case", "case_number"], rows)


def case_facts(run: Run, result: Result, more: Record) -> Record:
    """Return everything known about a case; its samples are under ``raw_samples``."""
    lane = run.lanes.get(result.number)
    return {
        **row_of(result, run.run_id, more),
        "parameters": dict(result.case.parameters),
        "baseline": result.comparison.baseline_label,
        "best": result.comparison.best,
        "blas": [
            {"api": blas.api, "threads": blas.threads, "version": blas.version}
            for blas in (lane.blas if lane else ())
        ],
        "versions": dict(lane.versions) if lane else {},
        "notes": [*(lane.notes if lane else ()), *result.notes],
        "failure": msgspec.to_builtins(run.failures.get(result.number)),
        "raw_samples": run.samples[result.number].rows(),
        "no_account": msgspec.to_builtins(run.unaccounted.get(result.number)),
        "raw_accounts": accounts.facts_of(run, result.number),
        **_memory_facts(run, result.number),
    }


def _memory_facts(run: Run, number: int) -> Record:
    """Return the readings of worker memory, if there are any."""
    if number not in run.readings:
        return {}
    lane = run.lanes.get(number)
    return {
        "thresholds": dict(lane.thresholds) if lane else {},
        "worker_memory_limit_bytes": lane.memory_limit_bytes if lane else None,
        "timeline": timeline_rows(run, number),
        "worker_events": event_rows(run, number),
    }
