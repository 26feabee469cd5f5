"""The result of a case: its figures, its status, and the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from daskbench.journal.run import Run, Samples
from daskbench.model import Case, Suite
from daskbench.stats.ratio import Ratio
from daskbench.stats.summary import Summary, summarize
from daskbench.stats.tables import is_numpy
from daskbench.stats.verdict import Verdict

Status = Literal["ok", "failed", "invalid", "incomplete", "skipped"]


@dataclass(frozen=True)
class Result:
    """One case with all its figures; None if there is no figure.

    `build_s` is the time in the mean for building the collections or the calls. `verdict` is on
    its ratio to the baseline, which has none itself.
    """

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
    workers_rss_bytes: int | None
    startup_s: float | None
    build_s: float | None
    blas_threads: int | None
    figures: Mapping[str, float]
    notes: tuple[str, ...] = ()
    flops: float | None = None
    moved_bytes: float | None = None
    dgemm_share: float | None = None
    ways: str = ""
    ratio: Ratio | None = None
    verdict: Verdict | None = None
    baseline: Case | None = None
    baseline_label: str | None = None
    best: bool = False
    table: str = ""

    @property
    def place(self) -> str:
        """Where it ran, briefly, with the workers that were found there."""
        found = msgspec.structs.replace(
            self.case, workers=self.workers, threads_per_worker=self.threads_per_worker
        )
        return found.place

    @property
    def label(self) -> str:
        """The place, and what else distinguishes it from the other rows of its table.

        With the name of the `table`, if there are several.
        """
        label = f"{self.place}, {self.ways}" if self.ways else self.place
        return f"{label} ({self.table})" if self.table else label

    @property
    def flops_per_s(self) -> float | None:
        """Operations per second, by the median."""
        return self.flops / self.summary.median_s if self.flops and self.summary else None

    @property
    def bytes_per_s(self) -> float | None:
        """Memory traffic in bytes per second, by the median."""
        moved = self.moved_bytes
        return moved / self.summary.median_s if moved and self.summary else None

    @property
    def samples(self) -> int:
        """How many samples were averaged."""
        return self.summary.samples if self.summary else 0

    @property
    def efficiency(self) -> float | None:
        """Speedup over NumPy per worker thread; 1 is ideal."""
        if self.ratio is None or self.workers is None or not is_numpy(self.baseline):
            return None
        if self.baseline and (self.baseline.blas_threads or 1) > 1:
            return None  # NumPy had more than one thread itself
        return 1 / self.ratio.value / (self.workers * (self.threads_per_worker or 1))


def result_of(run: Run, number: int, suite: Suite, case: Case) -> Result:
    """Return the figures of a case by itself, without comparison to other rows."""
    samples, lane = run.samples[number], run.lanes.get(number)
    measured = samples.measured
    invalid = int((measured & (samples["valid"] == 0)).sum())
    invalid_reason = _invalid_reason(samples, invalid)
    status, reason = _status(run, number, case, samples, invalid_reason)
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
        workers_rss_bytes=_peak(samples, "workers_rss_bytes"),
        startup_s=lane.startup_s if lane else None,
        build_s=_build_s(samples),
        blas_threads=lane.blas[0].threads if lane and lane.blas else None,
        figures=_worst(samples),
        notes=_notes(samples),
        flops=_mean(samples, "flops"),
        moved_bytes=_mean(samples, "moved_bytes"),
    )


def _build_s(samples: Samples) -> float | None:
    counted = samples.counted
    if not counted.any():
        return None
    return float((samples["build_s"][counted] / samples["loops"][counted]).mean())


def _status(
    run: Run, number: int, case: Case, samples: Samples, invalid_reason: str | None
) -> tuple[Status, str | None]:
    if case.skip:
        return "skipped", case.skip
    if failure := run.failures.get(number):
        return "failed", f"{failure.phase}: {failure.reason}"
    if invalid_reason:
        return "ok" if len(samples.loop_s) else "invalid", invalid_reason
    if not len(samples.loop_s):
        return "incomplete", "not measured yet" if run.live else "the run ended before"
    return "ok", None


def _invalid_reason(samples: Samples, invalid: int) -> str | None:
    """Return how many of the measured samples are invalid, and the reason of the first."""
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
    """Return the distinct notes of the counted samples."""
    counted = np.flatnonzero(samples.counted).tolist()
    return tuple(dict.fromkeys(samples.notes[i] for i in counted if i in samples.notes))


def _mean(samples: Samples, name: str) -> float | None:
    values = samples[name][samples.counted]
    return None if not len(values) or np.isnan(values).any() else float(values.mean())


def _peak(samples: Samples, name: str) -> int | None:
    """Return the peak memory of the measured samples; warm-up also computes references."""
    peaks = samples[name][samples.measured]
    return None if not len(peaks) or np.isnan(peaks).all() else int(np.nanmax(peaks))
