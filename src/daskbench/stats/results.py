"""A run to one result a case: what every table, file and chart is made of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import msgspec
import numpy as np

from daskbench.journal.run import Run, Samples
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Suite
from daskbench.stats.ratio import Ratio, paired_ratio
from daskbench.stats.summary import Summary, summarize

Status = Literal["ok", "failed", "invalid", "incomplete"]


@dataclass(frozen=True)
class Result:
    """One case with all its figures; None where there is no figure."""

    number: int
    suite: Suite
    case: Case
    status: Status
    reason: str | None
    summary: Summary | None
    invalid_samples: int
    invalid_reason: str | None
    loops: int | None
    workers: int | None
    threads_per_worker: int | None
    tasks_expected: int | None
    tasks_run: int | None
    answer_ok: bool | None
    peak_rss_bytes: int | None
    startup_s: float | None
    blas_threads: int | None
    figures: Mapping[str, float]
    ratio: Ratio | None = None
    baseline: Case | None = None
    best: bool = False

    @property
    def place(self) -> str:
        """Where it ran, short, with the workers that were found there."""
        found = msgspec.structs.replace(
            self.case, workers=self.workers, threads_per_worker=self.threads_per_worker
        )
        return found.place

    @property
    def samples(self) -> int:
        """How many samples were averaged."""
        return self.summary.samples if self.summary else 0

    @property
    def efficiency(self) -> float | None:
        """Speed-up over NumPy for each worker thread: 1 where all of them paid in full."""
        if self.ratio is None or self.workers is None or not _is_numpy(self.baseline):
            return None
        return 1 / self.ratio.value / (self.workers * (self.threads_per_worker or 1))


@dataclass(frozen=True)
class Group:
    """Results that compute the same thing, and so can be compared: one table."""

    suite: Suite
    what: str
    baseline: Case | None
    results: tuple[Result, ...]


def groups_of(run: Run) -> list[Group]:
    """Return the results of a run, grouped by suite and by what is computed."""
    results = [_result(run, number, suite, case) for number, suite, case in run.cases]
    return [
        _compare(run, list(members))
        for _, members in groupby(
            _gathered(results), key=lambda result: (result.suite.name, result.case.what)
        )
    ]


def _gathered(results: Iterable[Result]) -> Iterator[Result]:
    """Bring together what computes the same, keeping the order of first appearance."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.suite.name, result.case.what), []).append(result)
    return (result for members in groups.values() for result in members)


def _compare(run: Run, results: list[Result]) -> Group:
    base = next((result for result in results if _is_numpy(result.case)), results[0])
    compared = [
        replace(
            result,
            ratio=paired_ratio(run.samples[result.number], run.samples[base.number]),
            baseline=base.case,
        )
        for result in results
    ]
    timed = [result for result in compared if result.summary and result.status == "ok"]
    best = min(timed, key=_median_s, default=None)
    rows = tuple(replace(result, best=len(timed) > 1 and best is result) for result in compared)
    return Group(base.suite, base.case.what, base.case, rows)


def _is_numpy(case: Case | None) -> bool:
    return case is not None and SCHEDULERS[case.scheduler].is_baseline


def _median_s(result: Result) -> float:
    assert result.summary is not None
    return result.summary.median_s


def _result(run: Run, number: int, suite: Suite, case: Case) -> Result:
    samples, lane = run.samples[number], run.lanes.get(number)
    measured = samples.measured
    invalid = int((measured & (samples["valid"] == 0)).sum())
    invalid_reason = _invalid_reason(samples, invalid)
    status, reason = _status(run, number, samples, invalid_reason)
    return Result(
        number=number,
        suite=suite,
        case=case,
        status=status,
        reason=reason,
        summary=summarize(samples.loop_s),
        invalid_samples=invalid,
        invalid_reason=invalid_reason,
        loops=_last(samples, "loops"),
        workers=lane.workers if lane and lane.workers else case.workers,
        threads_per_worker=lane.threads_per_worker if lane else case.threads_per_worker,
        tasks_expected=int(samples["tasks_expected"][measured].sum()) if measured.any() else None,
        tasks_run=int(samples["tasks_run"][measured].sum()) if measured.any() else None,
        answer_ok=bool((samples["answer_ok"][measured] == 1).all()) if measured.any() else None,
        peak_rss_bytes=_peak(samples),
        startup_s=lane.startup_s if lane else None,
        blas_threads=lane.blas[0].threads if lane and lane.blas else None,
        figures=_worst(samples),
    )


def _status(
    run: Run, number: int, samples: Samples, invalid_reason: str | None
) -> tuple[Status, str | None]:
    if failure := run.failures.get(number):
        return "failed", f"{failure.phase}: {failure.reason}"
    if invalid_reason:
        return "ok" if len(samples.loop_s) else "invalid", invalid_reason
    if not len(samples.loop_s):
        return "incomplete", "not measured yet" if run.live else "the run ended before"
    return "ok", None


def _invalid_reason(samples: Samples, invalid: int) -> str | None:
    """Say how many of the measured samples are invalid, and why the first of them is."""
    if not invalid:
        return None
    measured = np.flatnonzero(samples.measured).tolist()
    first = next((samples.reasons[i] for i in measured if i in samples.reasons), "no reason")
    return f"{invalid} of {len(measured)} samples invalid: {first}"


def _last(samples: Samples, name: str) -> int | None:
    return int(samples[name][-1]) if len(samples) else None


def _worst(samples: Samples) -> dict[str, float]:
    """Return the largest of each figure over the counted samples."""
    worst: dict[str, float] = {}
    for i in np.flatnonzero(samples.counted).tolist():
        for name, value in samples.figures.get(i, {}).items():
            worst[name] = max(value, worst.get(name, value))
    return worst


def _peak(samples: Samples) -> int | None:
    peaks = samples["peak_rss_bytes"]
    return None if not len(peaks) or np.isnan(peaks).all() else int(np.nanmax(peaks))
