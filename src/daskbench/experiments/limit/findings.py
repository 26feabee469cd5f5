"""The bounds that a search found, each with the next smaller limit, which fails it."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.experiments.limit.rows import Bound, Search, Trial
from daskbench.experiments.limit.search import Outcome
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.units import format_size

GOAL_NAMES = {
    Outcome.UNSPILLED: "no spill",
    Outcome.UNPAUSED: "no pause",
    Outcome.FINISHED: "finishes",
}


_HOW = {
    Outcome.UNSPILLED: "without spilling",
    Outcome.UNPAUSED: "without a pause",
    Outcome.FINISHED: "to finish",
}


def answer_of(search: Search) -> str:
    """Return the smallest limit for each goal in one sentence; empty if there is none."""
    told = [f"{_at_least(one)} {_HOW[one.goal]}" for one in search.bounds if one.found]
    return f"smallest memory limit per worker: {', '.join(told)}" if told else ""


def _at_least(bound: Bound) -> str:
    limit = format_size(bound.found.limit_bytes) if bound.found else ""
    if not bound.sure:
        return f"at most {limit}"
    return limit if bound.below else f"{limit} or less"


def smallest(run: Run, searches: list[Search]) -> Iterator[str | Said]:
    """One line per goal; a terminal has them in the answer, if nothing more is to be done."""
    for search in searches:
        broken = next((row for row, trial in search.tried if _is_broken(trial)), None)
        if broken:
            where = f"ended at {format_size(broken.case.memory_limit_bytes or 0)}"
            why = "failed for a reason other than memory or time"
            yield Said(
                f"the search {where} per worker, as the benchmark {why}: "
                f"{broken.reason or broken.proof.invalid_reason}",
                f"the search {where}, which {why}",
            )
        if any(trial and trial.outcome is not None for trial in search.trials):
            doubtful = [bound for bound in search.bounds if not bound.monotone]
            for bound in search.bounds:
                if broken and not bound.found:
                    continue
                line = f"{GOAL_NAMES[bound.goal]}: {_found(bound)}{_doubt(bound)}"
                yield Said(line, _brief(bound, doubtful))


def _brief(bound: Bound, doubtful: list[Bound]) -> str | None:
    """Return what to do about a bound, which otherwise the answer has; for all doubtful, once."""
    if bound is next(iter(doubtful), None):
        return "unreliable, as a smaller limit did better than a larger one: use more --rounds"
    is_told = bound.found and (bound.below or not bound.sure)
    return None if is_told else f"{GOAL_NAMES[bound.goal]}: {_found(bound)}"


def _is_broken(trial: Trial | None) -> bool:
    return trial is not None and trial.outcome == Outcome.BROKEN


def _found(bound: Bound) -> str:
    found, below = bound.found, bound.below
    if found is None:
        top = f" ({_missed(below)})" if below else ""
        return f"none of the limits tried{top}; try a larger --to"
    limit = f"{format_size(found.limit_bytes)} per worker"
    if not bound.sure:
        return f"so far at most {limit}" + (f" ({_missed(below)})" if below else "")
    if below is None:
        return f"{limit}, the smallest limit tried; try a smaller --from"
    return f"{limit} ({_missed(below)})"


def _missed(trial: Trial) -> str:
    limit = format_size(trial.limit_bytes)
    if trial.outcome == Outcome.FINISHED and trial.workers_ended:
        ended = trial.workers_ended
        return f"with {limit} {ended} worker{'s were' if ended > 1 else ' was'} ended"
    words = {Outcome.UNPAUSED: "spilled", Outcome.FINISHED: "paused"}
    return f"{limit} {words.get(trial.outcome or Outcome.FAILED, 'failed')}"


def _doubt(bound: Bound) -> str:
    if bound.monotone:
        return ""
    return "; unreliable, as a smaller limit did better than a larger one: use more --rounds"


RULES = (Rule(smallest, severity="answer", per_table=True),)
