"""A search for the smallest memory limit: the outcome of each limit, and the bounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from daskbench.document import Record
from daskbench.events import Reading, WorkerEvent
from daskbench.experiments.limit.search import (
    GOALS,
    Outcome,
    after_termination,
    bracket,
    is_monotone,
    sign_of,
    worst,
)
from daskbench.journal.run import Run
from daskbench.model import Case, Suite
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result, result_of
from daskbench.stats.tables import Numbered

_ENDS = ("terminated", "left")


@dataclass(frozen=True)
class Trial:
    """The outcome of one limit; seconds and bytes are sums over workers and samples.

    `outcome` is None if the trial was interrupted before it was known. `held_bytes` is the peak of
    one worker's process, `spilled_bytes` the peak that all workers together had on disk; `price`
    is the time divided by that of the largest limit at which nothing spilled.
    """

    limit_bytes: int
    outcome: Outcome | None
    held_bytes: int
    spilled_bytes: int
    written_bytes: int
    read_bytes: int
    spill_s: float
    paused_s: float
    workers_ended: int
    price: float | None = None
    shuffled_bytes: int = 0

    @property
    def unspilled(self) -> bool:
        """Whether it finished without spilling."""
        return self.outcome == Outcome.UNSPILLED


@dataclass(frozen=True)
class Bound:
    """The smallest limit that reaches a goal, and the next one below, which does not.

    `found` is None if no limit tried reaches it, `below` if none tried misses it. `sure`: nothing
    is left to try between them. `monotone`: more memory was never worse.
    """

    goal: Outcome
    found: Trial | None
    below: Trial | None
    sure: bool
    monotone: bool


@dataclass(frozen=True)
class Search(ResultTable):
    """The limits, smallest first, and the bounds that follow from their trials.

    `trials` match the results, None if a limit was not tried. The largest limit without spilling
    is the baseline.
    """

    trials: tuple[Trial | None, ...] = ()
    bounds: tuple[Bound, ...] = ()

    @property
    def tried(self) -> list[tuple[Result, Trial | None]]:
        """Each row with its trial."""
        return list(zip(self.results, self.trials, strict=True))


def search_of(run: Run, suite: Suite, numbered: Sequence[Numbered]) -> Search:
    """Collect the trials of a search."""
    found = [(result_of(run, *one), trial_of(run, *one)) for one in numbered]
    # The largest limit is tried first, so it always has a row.
    rows = [(result, trial) for result, trial in found if trial or result is found[-1][0]]
    base = next((result for result, trial in reversed(rows) if trial and trial.unspilled), None)
    base_s = base.summary.mean_s if base and base.summary else None
    trials = tuple(_priced(result, trial, base_s) for result, trial in rows)
    return Search(
        suite,
        found[0][0].case.what,
        base.case if base else None,
        tuple(result for result, _ in rows),
        race=False,
        tells_failures=True,
        trials=trials,
        bounds=bounds_of(suite, filter(None, trials)),
    )


def _priced(result: Result, trial: Trial | None, base_s: float | None) -> Trial | None:
    if trial is None or result.summary is None or not base_s:
        return trial
    return replace(trial, price=result.summary.mean_s / base_s)


def record_of(trial: Trial) -> Record:
    """Return the outcome of a limit as plain values."""
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


def bound_record(suite: Suite, bound: Bound) -> Record:
    """Return a bound as plain values."""
    return {
        "suite": suite.name,
        "goal": bound.goal.name.lower(),
        "memory_limit_bytes": bound.found and bound.found.limit_bytes,
        "below_bytes": bound.below and bound.below.limit_bytes,
        "sure": bound.sure,
        "monotone": bound.monotone,
    }


def outcome_of(run: Run, number: int) -> Outcome | None:
    """Return the worst outcome of a case in all sessions; None if it was not begun."""
    samples, failure = run.samples[number], run.failures.get(number)
    seen = [*run.readings.get(number, ()), *run.happenings.get(number, ())]
    if not (len(samples) or failure or seen):
        return None
    found = [sign_of(event) for event in seen]
    found += [sign_of(failure)] if failure else []
    found += [Outcome.FINISHED] if samples["workers_lost"].any() else []
    lost = samples["workers_lost"][samples["valid"] == 0]  # of invalid samples
    found += [Outcome.FAILED] if (lost > 0).any() else []
    found += [Outcome.BROKEN] if (lost == 0).any() else []
    if any(event.what == "terminated" for event in run.happenings.get(number, ())):
        found = [*map(after_termination, found)]
    return worst(found)


def trial_of(run: Run, number: int, suite: Suite, case: Case) -> Trial | None:
    """Return the outcome of a limit; None if it was not tried."""
    outcome = outcome_of(run, number)
    if outcome is None or case.memory_limit_bytes is None:
        return None
    readings = run.readings.get(number, [])
    happenings = run.happenings.get(number, [])
    over = outcome <= Outcome.FAILED or len(run.samples[number].loop_s) >= suite.settings.samples
    return Trial(
        limit_bytes=case.memory_limit_bytes,
        outcome=outcome if over else None,
        held_bytes=max(
            (
                *(reading.process_bytes for reading in readings),
                *(event.rss_bytes or 0 for event in happenings),
            ),
            default=0,
        ),
        spilled_bytes=_most_on_disk(readings),
        written_bytes=sum(reading.written_bytes for reading in readings),
        read_bytes=sum(reading.read_bytes for reading in readings),
        spill_s=sum(reading.write_s + reading.read_s for reading in readings),
        paused_s=_paused_s(readings, happenings),
        workers_ended=_ended(happenings),
        shuffled_bytes=sum(reading.shuffle_written_bytes for reading in readings),
    )


def bounds_of(suite: Suite, trials: Iterable[Trial]) -> tuple[Bound, ...]:
    """Return the bound of each goal, from the completed trials."""
    places = {case.memory_limit_bytes: place for place, case in enumerate(suite.cases)}
    over = {places[trial.limit_bytes]: trial for trial in trials if trial.outcome != Outcome.BROKEN}
    outcomes = {place: trial.outcome for place, trial in over.items() if trial.outcome is not None}
    last = len(suite.cases) - 1
    found = []
    for goal in GOALS:
        good, bad = bracket(outcomes, goal)
        sure = bad == last if good is None else good - (-1 if bad is None else bad) == 1
        found.append(
            Bound(
                goal,
                found=None if good is None else over[good],
                below=None if bad is None else over[bad],
                sure=sure,
                monotone=is_monotone(outcomes, goal),
            )
        )
    return tuple(found)


def _most_on_disk(readings: Sequence[Reading]) -> int:
    """Return the peak of spilled bytes over all workers, each as last read."""
    most, held = 0, dict[str, int]()
    for reading in readings:
        held[reading.worker] = reading.spilled_bytes
        most = max(most, sum(held.values()))
    return most


def _paused_s(readings: Sequence[Reading], happenings: Sequence[WorkerEvent]) -> float:
    """Return the seconds that workers were paused, summed over the workers.

    Pauses shorter than the interval between readings are missed. One without an end in the
    journal, as the trial was abandoned, ends at the last reading or event of its worker.
    """
    total_s, since, last = 0.0, dict[str, float](), dict[str, float]()
    line: list[Reading | WorkerEvent] = [*readings, *happenings]
    for seen in sorted(line, key=lambda seen: seen.at_s):
        if isinstance(seen, WorkerEvent):
            began = since.pop(seen.worker, None)
            if began is not None and seen.what == "paused":  # its end was missed
                total_s += last[seen.worker] - began
            elif began is not None and seen.what in ("resumed", *_ENDS):
                total_s += seen.at_s - began
            elif began is not None:
                since[seen.worker] = began
            if seen.what == "paused":
                since[seen.worker] = seen.at_s
        last[seen.worker] = seen.at_s
    return total_s + sum(last[worker] - began for worker, began in since.items())


def _ended(happenings: Sequence[WorkerEvent]) -> int:
    """Return how many workers ended: a terminated worker may also be reported as having left."""
    return max(sum(event.what == what for event in happenings) for what in _ENDS)


def is_broken(search: Search) -> bool:
    """Whether a trial ended the search, by a failure that is not for lack of memory or time."""
    return any(trial and trial.outcome == Outcome.BROKEN for _, trial in search.tried)
