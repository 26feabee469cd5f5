"""Results as rows of plain values, under the names that CSV and JSON share.

Names carry units; None means that there is no figure.
"""

from typing import Any

from daskbench.journal.run import Run, apart
from daskbench.stats.limits import Trial
from daskbench.stats.results import Result

Row = dict[str, Any]
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


def _where_known(result: Result) -> Row:
    """Return the figures that only some benchmarks have."""
    found = {
        "side": result.case.side.name or None,
        "memory_limit_bytes": result.case.memory_limit_bytes,
        "flops": result.flops,
        "flops_per_s": result.flops_per_s,
        "dgemm_share": result.dgemm_share,
        "moved_bytes": result.moved_bytes,
        "bytes_per_s": result.bytes_per_s,
        "notes": "; ".join(result.notes) or None,
        **(_of_trial(result.trial) if result.trial else {}),
    }
    found |= _passage(result)
    return {name: value for name, value in found.items() if value is not None}


def _of_trial(trial: Trial) -> Row:
    """Return what came of a memory limit that a search tried."""
    return {
        "outcome": None if trial.outcome is None else trial.outcome.name.lower(),
        "price": trial.price,
        "held_bytes": trial.held_bytes,
        "spilled_bytes": trial.spilled_bytes,
        "written_bytes": trial.written_bytes,
        "read_bytes": trial.read_bytes,
        "spill_s": trial.spill_s,
        "shuffled_bytes": trial.shuffled_bytes,
        "paused_s": trial.paused_s,
        "workers_ended": trial.workers_ended,
    }


def _passage(result: Result) -> Row:
    """Return what a threshold of memory did beside what is documented of it."""
    passage = result.passage
    return (
        {}
        if passage is None
        else {
            "documented_fraction": passage.documented_fraction,
            "observed_fraction": passage.observed_fraction,
            "delay_s": passage.delay_s,
            "documented": passage.documented,
            "observed": passage.observed,
            "verdict": passage.verdict,
            "differences": "; ".join(passage.differences) or None,
        }
    )


def row_of(result: Result, run_id: str) -> Row:
    """Return a result as one flat row, its parameters after the first four columns."""
    summary, ratio, case = result.summary, result.ratio, result.case
    before = {
        "benchmark": case.benchmark,
        "scheduler": case.scheduler,
        "workers": result.workers,
        "threads_per_worker": result.threads_per_worker,
        **case.parameters,
        "samples": result.samples,
        "invalid_samples": result.invalid_samples,
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
        "verdict": result.verdict,
        "efficiency": result.efficiency,
        "tasks_expected": result.tasks_expected,
        "tasks_run": result.tasks_run,
        "answer_ok": result.answer_ok,
        "status": result.status,
        "reason": result.reason,
        "peak_rss_bytes": result.peak_rss_bytes,
        "peak_pss_bytes": result.peak_pss_bytes,
        "startup_s": result.startup_s,
    }
    after = {**_where_known(result), "suite": result.suite.name, "run_id": run_id}
    return {**before, **apart(result.figures, {*before, *after}), **after}


def timeline_rows(run: Run, number: int) -> list[Row]:
    """Return a row for each reading of a case's workers; times count from the run's begin."""
    return [
        {name: getattr(one, _FIELDS.get(name, name)) for name in TIMELINE}
        for one in run.readings.get(number, [])
    ]


def event_rows(run: Run, number: int) -> list[Row]:
    """Return a row for each thing that happened to a case's workers."""
    return [
        {name: getattr(event, _FIELDS.get(name, name)) for name in EVENTS}
        for event in run.happenings.get(number, [])
    ]
