"""JSON that holds all: environment, plan, figures, findings and every raw sample."""

from dataclasses import asdict

import msgspec

from daskbench import harmless
from daskbench.journal.run import Run
from daskbench.stats.calibration import Calibration, Rate
from daskbench.stats.comparison import Comparisons
from daskbench.stats.groups import Group
from daskbench.stats.limits import Threshold
from daskbench.views import Page, comparison
from daskbench.views.report import Report
from daskbench.views.rows import Row, event_rows, row_of, timeline_rows


def render(report: Report, page: Page) -> str:
    """Return the run as one object. The samples of a case are under its ``raw_samples``."""
    run = report.run
    document = {
        "run_id": run.run_id,
        "command": run.header.command,
        "started": run.header.started,
        "status": run.status,
        "elapsed_s": run.elapsed_s,
        "environment": run.environment,
        "plan": run.plan.as_json(),
        "cases": [_case(report, number) for number in range(len(report.results))],
        "limits": [limits for group in report.groups for limits in _limits(group)],
        "calibrations": [_calibration(one) for one in report.calibrations],
        "comparison": comparison.document_of(report.comparison) if report.comparison else None,
        "findings": report.findings,
        "suites": msgspec.to_builtins(list(run.ended_suites.values())),
    }
    return harmless.json(document)


def compared(comparisons: Comparisons, page: Page) -> str:
    """Return a comparison as one object."""
    return harmless.json(comparison.document_of(comparisons))


def _calibration(calibration: Calibration) -> Row:
    """Return what a calibration tells; parts of 1, times in seconds."""
    return {
        "suite": calibration.suite.name,
        "case": str(calibration.case),
        "false_alarms": _rate(calibration.false_alarms),
        "found": [{"slowdown": s, **_rate(rate)} for s, rate in calibration.found.items()],
        "smallest": [asdict(length) for length in calibration.lengths],
    }


def _rate(rate: Rate) -> Row:
    return {**asdict(rate), "share": rate.share}


def _limits(group: Group) -> list[Row]:
    """Return the smallest limits that a search found."""
    return [_limit(group, threshold) for threshold in group.thresholds]


def _limit(group: Group, threshold: Threshold) -> Row:
    found, below = threshold.found, threshold.below
    return {
        "suite": group.suite.name,
        "goal": threshold.goal.name.lower(),
        "memory_limit_bytes": found and found.limit_bytes,
        "below_bytes": below and below.limit_bytes,
        "sure": threshold.sure,
        "monotone": threshold.monotone,
    }


def _case(report: Report, index: int) -> Row:
    run, result = report.run, report.results[index]
    interval = result.summary.mean_interval if result.summary else None
    lane = run.lanes.get(result.number)
    return {
        **row_of(result, run.run_id),
        "parameters": dict(result.case.parameters),
        "baseline": result.baseline_label,
        "best": result.best,
        "mean_low_s": interval and interval.low,
        "mean_high_s": interval and interval.high,
        "blas": [
            {"api": blas.api, "threads": blas.threads, "version": blas.version}
            for blas in (lane.blas if lane else ())
        ],
        "versions": dict(lane.versions) if lane else {},
        "notes": [*(lane.notes if lane else ()), *result.notes],
        "failure": msgspec.to_builtins(run.failures.get(result.number)),
        "raw_samples": run.samples[result.number].rows(),
        **_memory(run, result.number),
    }


def _memory(run: Run, number: int) -> Row:
    """Return what was read of the workers, where it was."""
    if number not in run.readings:
        return {}
    lane = run.lanes.get(number)
    return {
        "thresholds": dict(lane.thresholds) if lane else {},
        "worker_memory_limit_bytes": lane.memory_limit_bytes if lane else None,
        "timeline": timeline_rows(run, number),
        "worker_events": event_rows(run, number),
    }
