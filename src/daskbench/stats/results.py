"""A run to one result a case: what every table, file and chart is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import numpy as np

from daskbench.journal.run import Run, Samples
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Suite
from daskbench.stats.limits import Threshold, Trial, thresholds_of, trial_of
from daskbench.stats.ratio import Ratio, paired_ratio
from daskbench.stats.summary import Summary, summarize
from daskbench.stats.thresholds import THRESHOLDS, Passage, passage_of

Status = Literal["ok", "failed", "invalid", "incomplete", "skipped"]

HARDWARE = "hardware"


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
    peak_pss_bytes: int | None
    startup_s: float | None
    blas_threads: int | None
    figures: Mapping[str, float]
    notes: tuple[str, ...] = ()
    flops: float | None = None
    moved_bytes: float | None = None
    dgemm_share: float | None = None
    ways: str = ""
    ratio: Ratio | None = None
    baseline: Case | None = None
    baseline_label: str | None = None
    best: bool = False
    trial: Trial | None = None
    passage: Passage | None = None

    @property
    def place(self) -> str:
        """Where it ran, short, with the workers that were found there."""
        found = msgspec.structs.replace(
            self.case, workers=self.workers, threads_per_worker=self.threads_per_worker
        )
        return found.place

    @property
    def label(self) -> str:
        """The place, and what else tells it from the other rows of its table."""
        return f"{self.place}, {self.ways}" if self.ways else self.place

    @property
    def flops_per_s(self) -> float | None:
        """Operations a second, by the median."""
        return self.flops / self.summary.median_s if self.flops and self.summary else None

    @property
    def bytes_per_s(self) -> float | None:
        """Bytes a second through memory, by the median."""
        moved = self.moved_bytes
        return moved / self.summary.median_s if moved and self.summary else None

    @property
    def samples(self) -> int:
        """How many samples were averaged."""
        return self.summary.samples if self.summary else 0

    @property
    def efficiency(self) -> float | None:
        """Speed-up over NumPy for each worker thread: 1 where all of them paid in full."""
        if self.ratio is None or self.workers is None or not _is_numpy(self.baseline):
            return None
        if self.baseline and (self.baseline.blas_threads or 1) > 1:
            return None  # NumPy had more than one thread itself
        return 1 / self.ratio.value / (self.workers * (self.threads_per_worker or 1))


@dataclass(frozen=True)
class Group:
    """Results that compute the same thing, and so can be compared: one table.

    Those of a search are the limits that were tried, the smallest first, and what that tells:
    `thresholds`.
    """

    suite: Suite
    what: str
    baseline: Case | None
    results: tuple[Result, ...]
    thresholds: tuple[Threshold, ...] = ()

    @property
    def is_search(self) -> bool:
        """Whether these are the memory limits that a search tried."""
        return bool(self.thresholds)

    @property
    def is_hardware(self) -> bool:
        """Whether these are the machine's own limits: rates that are not to be compared."""
        return all(result.case.benchmark == HARDWARE for result in self.results)

    @property
    def is_thresholds(self) -> bool:
        """Whether these are thresholds of memory, which agree or differ and are no race."""
        return all(result.case.benchmark == THRESHOLDS for result in self.results)


def groups_of(run: Run) -> list[Group]:
    """Return the results of a run, grouped by suite and by what is computed."""
    results = []
    for number, suite, case in run.cases:
        trial = trial_of(run, number, suite, case) if suite.search else None
        # The largest limit is the first to be tried: so there is a row for it in any case.
        if trial or not suite.search or case == suite.cases[-1]:
            results.append(replace(_result(run, number, suite, case), trial=trial))
    dgemm: dict[str, float] = {}
    for result in results:
        if result.case.benchmark == HARDWARE and result.flops_per_s:
            best = max(result.flops_per_s, dgemm.get(result.suite.name, 0.0))
            dgemm[result.suite.name] = best
    return [
        _searched(members) if members[0].suite.search else _compare(run, members, dgemm)
        for members in _gathered(results)
    ]


def _searched(results: list[Result]) -> Group:
    """Bring the trials of a search together; the largest limit without spilling is the baseline."""
    trials = [result.trial for result in results if result.trial]
    base = next((row for row in reversed(results) if row.trial and row.trial.unspilled), None)
    base_s = base.summary.mean_s if base and base.summary else None
    rows = tuple(replace(result, trial=_priced(result, base_s)) for result in results)
    first = results[0]
    return Group(
        first.suite,
        first.case.what,
        base.case if base else None,
        rows,
        thresholds_of(first.suite, trials),
    )


def _priced(result: Result, base_s: float | None) -> Trial | None:
    if result.trial is None or result.summary is None or not base_s:
        return result.trial
    return replace(result.trial, price=result.summary.mean_s / base_s)


def _gathered(results: Iterable[Result]) -> Iterable[list[Result]]:
    """Bring together what computes the same, keeping the order of first appearance."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        if result.case.benchmark == HARDWARE:
            what = HARDWARE
        else:
            what = result.case.described(without=result.suite.ways)
        groups.setdefault((result.suite.name, what), []).append(result)
    return groups.values()


def _compare(run: Run, results: list[Result], dgemm: Mapping[str, float]) -> Group:
    base = next(
        (result for result in results if _is_numpy(result.case) and not result.case.skip),
        next((result for result in results if not result.case.skip), results[0]),
    )
    varied = _varied(results)
    compared = [
        replace(
            result,
            ratio=paired_ratio(run.samples[result.number], run.samples[base.number]),
            baseline=base.case,
            ways=_ways(result.case, varied),
            dgemm_share=_share(result, dgemm.get(result.suite.name)),
        )
        for result in results
    ]
    if base.case.benchmark == HARDWARE:  # rates of different things
        return Group(base.suite, HARDWARE, None, tuple(results))
    if base.case.benchmark == THRESHOLDS:
        return Group(base.suite, THRESHOLDS, None, tuple(results))
    timed = [result for result in compared if result.summary and result.status == "ok"]
    best = min(timed, key=_median_s, default=None)
    label = next(result.label for result in compared if result.number == base.number)
    rows = tuple(
        replace(result, best=len(timed) > 1 and best is result, baseline_label=label)
        for result in compared
    )
    what = base.case.described(without=varied)
    return Group(base.suite, what, base.case, rows)


def _varied(results: list[Result]) -> list[str]:
    """Return the parameters in which Dask's rows of a group differ."""
    names = results[0].case.parameters
    cases = [result.case for result in results if not _is_numpy(result.case)]
    return [name for name in names if len({case.parameters.get(name) for case in cases}) > 1]


def _ways(case: Case, varied: list[str]) -> str:
    """Name a row's own ways; NumPy knows none."""
    if case.benchmark == HARDWARE or _is_numpy(case):
        return ""
    values = ((name, case.parameters[name]) for name in varied)
    return ", ".join(
        value if isinstance(value, str) else f"{name.replace('_', ' ')} {_number(value)}"
        for name, value in values
    )


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _share(result: Result, dgemm: float | None) -> float | None:
    return result.flops_per_s / dgemm if result.flops_per_s and dgemm else None


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
        peak_rss_bytes=_peak(samples, "peak_rss_bytes"),
        peak_pss_bytes=_peak(samples, "peak_pss_bytes"),
        startup_s=lane.startup_s if lane else None,
        blas_threads=lane.blas[0].threads if lane and lane.blas else None,
        figures=_worst(samples),
        notes=_notes(samples),
        flops=_mean(samples, "flops"),
        moved_bytes=_mean(samples, "moved_bytes"),
        passage=_passage(case, samples),
    )


def _passage(case: Case, samples: Samples) -> Passage | None:
    if case.benchmark != THRESHOLDS:
        return None
    return passage_of(str(case.parameters["threshold"]), samples)


def _status(
    run: Run, number: int, samples: Samples, invalid_reason: str | None
) -> tuple[Status, str | None]:
    if run.cases[number][2].skip:
        return "skipped", run.cases[number][2].skip
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


def _notes(samples: Samples) -> tuple[str, ...]:
    """Return what was told of the counted samples, each once."""
    counted = np.flatnonzero(samples.counted).tolist()
    return tuple(dict.fromkeys(samples.notes[i] for i in counted if i in samples.notes))


def _mean(samples: Samples, name: str) -> float | None:
    values = samples[name][samples.counted]
    return None if not len(values) or np.isnan(values).any() else float(values.mean())


def _peak(samples: Samples, name: str) -> int | None:
    """Return the highest memory of the measured samples: the first also makes references."""
    peaks = samples[name][samples.measured]
    return None if not len(peaks) or np.isnan(peaks).all() else int(np.nanmax(peaks))
