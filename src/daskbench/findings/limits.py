"""The smallest memory limits that a search found, each with the neighbour that missed it."""

from collections.abc import Iterator

from daskbench.journal.run import Run
from daskbench.search import Outcome
from daskbench.stats.groups import Group
from daskbench.stats.limits import Threshold, Trial
from daskbench.stats.results import Result
from daskbench.units import format_size

_GOALS = {
    Outcome.UNSPILLED: "no spill",
    Outcome.UNPAUSED: "no pause",
    Outcome.FINISHED: "finishes",
}


def smallest(run: Run, groups: list[Group]) -> Iterator[str]:
    """One line for each goal."""
    for group in groups:
        broken = next((row for row in group.results if _is_broken(row)), None)
        if broken:
            yield (
                f"the search ended at {format_size(broken.case.memory_limit_bytes or 0)} a worker, "
                "where it failed for another reason than memory or time: "
                f"{broken.reason or broken.invalid_reason}"
            )
        if any(row.trial and row.trial.outcome is not None for row in group.results):
            for threshold in group.thresholds:
                if broken and not threshold.found:
                    continue
                yield f"{_GOALS[threshold.goal]}: {_found(threshold)}{_doubt(threshold)}"


def _is_broken(row: Result) -> bool:
    return row.trial is not None and row.trial.outcome == Outcome.BROKEN


def _found(threshold: Threshold) -> str:
    found, below = threshold.found, threshold.below
    if found is None:
        top = f" ({_missed(below)})" if below else ""
        return f"at no limit that was tried{top}; try a larger --to"
    limit = f"{format_size(found.limit_bytes)} a worker"
    if not threshold.sure:
        return f"so far at most {limit}" + (f" ({_missed(below)})" if below else "")
    if below is None:
        return f"{limit}, the smallest that was tried; try a smaller --from"
    return f"{limit} ({_missed(below)})"


def _missed(trial: Trial) -> str:
    limit = format_size(trial.limit_bytes)
    if trial.outcome == Outcome.FINISHED and trial.workers_ended:
        ended = trial.workers_ended
        return f"with {limit} {ended} worker{'s were' if ended > 1 else ' was'} ended"
    words = {Outcome.UNPAUSED: "spilled", Outcome.FINISHED: "paused"}
    return f"{limit} {words.get(trial.outcome or Outcome.FAILED, 'failed')}"


def _doubt(threshold: Threshold) -> str:
    if threshold.monotone:
        return ""
    return "; a smaller limit did better than a larger one: more --rounds make it surer"


RULES = (smallest,)
