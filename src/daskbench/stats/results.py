"""The result of a case: its figures, its status, and the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from daskbench.events import LaneStarted
from daskbench.journal.run import Run, Samples
from daskbench.model import Case, Suite
from daskbench.stats.ratio import Ratio
from daskbench.stats.summary import Summary, summarize
from daskbench.stats.tables import is_repeated, is_serial
from daskbench.stats.verdict import Verdict

Status = Literal["ok", "failed", "invalid", "incomplete", "skipped"]


@dataclass(frozen=True)
class LaneFacts:
    """What the last lane of a case found, or else what the case asks for."""

    workers: int | None
    threads_per_worker: int | None
    blas_threads: int | None
    startup_s: float | None
    chosen: str = ""
    queued_s: float | None = None


@dataclass(frozen=True)
class ProofTotals:
    """Of the measured samples: whether all tasks ran, and whether the answers are right."""

    tasks_expected: int | None
    tasks_run: int | None
    answer_ok: bool | None
    invalid_samples: int
    invalid_reason: str | None


@dataclass(frozen=True)
class MemoryPeaks:
    """The peaks of the measured samples, as `daskbench.events.Sample` has them."""

    peak_rss_bytes: int | None
    peak_pss_bytes: int | None
    workers_rss_bytes: int | None


@dataclass(frozen=True)
class Rates:
    """What a loop computes and moves, by the median time. `dgemm_share` is relative to dgemm."""

    flops: float | None
    moved_bytes: float | None
    median_s: float | None
    dgemm_share: float | None = None

    @property
    def flops_per_s(self) -> float | None:
        """Operations per second."""
        return self.flops / self.median_s if self.flops and self.median_s else None

    @property
    def bytes_per_s(self) -> float | None:
        """Memory traffic in bytes per second."""
        return self.moved_bytes / self.median_s if self.moved_bytes and self.median_s else None


@dataclass(frozen=True)
class BaselineComparison:
    """A case beside the baseline of its table, which has a ratio of 1 and no verdict."""

    ratio: Ratio | None = None
    verdict: Verdict | None = None
    baseline: Case | None = None
    baseline_label: str | None = None
    best: bool = False


@dataclass(frozen=True)
class Result:
    """One case with all its figures; None if there is no figure.

    `build_s` is the time in the mean for building the collections or the calls. `workers_lost`
    counts workers that left while samples ran.
    """

    number: int
    suite: Suite
    case: Case
    status: Status
    reason: str | None
    summary: Summary | None
    loops: int | None
    build_s: float | None
    lane: LaneFacts
    proof: ProofTotals
    memory: MemoryPeaks
    rates: Rates
    figures: Mapping[str, float]
    notes: tuple[str, ...] = ()
    comparison: BaselineComparison = BaselineComparison()
    variants: str = ""
    table: str = ""
    workers_lost: int = 0

    @property
    def is_baseline(self) -> bool:
        """Whether the others are compared with it."""
        return self.case == self.comparison.baseline

    @property
    def place(self) -> str:
        """Where it ran, briefly, with what was found there: ``default (threads) × 2``."""
        chosen = f" ({self.lane.chosen})" if self.lane.chosen else ""
        found = msgspec.structs.replace(
            self.case,
            scheduler=f"{self.case.scheduler}{chosen}",
            workers=self.lane.workers,
            threads_per_worker=self.lane.threads_per_worker,
        )
        return found.place

    @property
    def label(self) -> str:
        """The place, and what else distinguishes it from the other rows of its table.

        With the name of the `table`, if there are several.
        """
        label = f"{self.place}, {self.variants}" if self.variants else self.place
        return f"{label} ({self.table})" if self.table else label

    @property
    def samples(self) -> int:
        """How many samples were averaged."""
        return self.summary.samples if self.summary else 0

    @property
    def loop_tasks(self) -> float | None:
        """The number of tasks of one loop."""
        samples = self.samples + self.proof.invalid_samples
        loops = samples * (self.loops or 1)
        return self.proof.tasks_expected / loops if self.proof.tasks_expected and loops else None

    @property
    def task_s(self) -> float | None:
        """The median time of a loop, divided by the number of its tasks."""
        tasks = self.loop_tasks
        return self.summary.median_s / tasks if self.summary and tasks else None

    @property
    def threads(self) -> int | None:
        """The threads of all workers together; None without workers."""
        lane = self.lane
        return None if lane.workers is None else lane.workers * (lane.threads_per_worker or 1)

    @property
    def efficiency(self) -> float | None:
        """Speedup over NumPy, or Dask's synchronous scheduler, per worker thread; 1 is ideal."""
        ratio, base, threads = self.comparison.ratio, self.comparison.baseline, self.threads
        if ratio is None or threads is None or not is_serial(base):
            return None
        if base and (base.blas_threads or 1) > 1:
            return None  # it had more than one thread itself
        return 1 / ratio.value / threads


def result_of(run: Run, number: int, suite: Suite, case: Case) -> Result:
    """Return the figures of a case by itself, without comparison to other rows."""
    samples = run.samples[number]
    proof, summary = _proof(samples), summarize(samples.loop_s)
    status, reason = _status(run, number, case, samples, proof.invalid_reason)
    return Result(
        number=number,
        suite=suite,
        case=case,
        status=status,
        reason=reason,
        summary=summary,
        loops=_last(samples, "loops"),
        build_s=_build_s(samples),
        lane=_lane(run.lanes.get(number), case),
        proof=proof,
        memory=MemoryPeaks(
            _peak(samples, "peak_rss_bytes"),
            _peak(samples, "peak_pss_bytes"),
            _peak(samples, "workers_rss_bytes"),
        ),
        rates=Rates(
            flops=_mean(samples, "flops"),
            moved_bytes=_mean(samples, "moved_bytes"),
            median_s=summary.median_s if summary else None,
        ),
        figures=_worst(samples),
        notes=_notes(samples),
        workers_lost=int(samples["workers_lost"].sum()),
    )


def _lane(found: LaneStarted | None, case: Case) -> LaneFacts:
    if found is None:
        return LaneFacts(case.workers, case.threads_per_worker, None, None)
    return LaneFacts(
        workers=found.workers or case.workers,
        threads_per_worker=found.threads_per_worker,
        blas_threads=found.blas[0].threads if found.blas else None,
        startup_s=found.startup_s,
        chosen=found.chosen,
        queued_s=found.queued_s,
    )


def _proof(samples: Samples) -> ProofTotals:
    measured = samples.measured
    invalid = int((measured & (samples["valid"] == 0)).sum())
    reason = _invalid_reason(samples, invalid)
    if not measured.any():
        return ProofTotals(None, None, None, invalid, reason)
    return ProofTotals(
        tasks_expected=int(samples["tasks_expected"][measured].sum()),
        tasks_run=int(samples["tasks_run"][measured].sum()),
        answer_ok=bool((samples["answer_ok"][measured] == 1).all()),
        invalid_samples=invalid,
        invalid_reason=reason,
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
    if not len(samples.loop_s) and (same := _measured_as(run, case)):
        return "skipped", f"the same as {same}"
    if not len(samples.loop_s):
        return "incomplete", "not measured yet" if run.live else "the run ended before"
    return "ok", None


def _measured_as(run: Run, case: Case) -> str | None:
    """Return the place of the case that this one turned out to be; None if there is none."""
    others = ((run.cases[number][2], lane) for number, lane in run.lanes.items())
    return next((other.place for other, lane in others if is_repeated(case, other, lane)), None)


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
