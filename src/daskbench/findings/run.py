"""What became of the run itself: stopped early, invalid samples, workers lost, versions."""

from collections.abc import Iterator

from daskbench.journal.run import Run
from daskbench.model import Settings
from daskbench.stats.groups import Group
from daskbench.units import counted, format_seconds


def stopped_early(run: Run, groups: list[Group]) -> Iterator[str]:
    """A budget that was spent, or an interruption."""
    rounds = {group.suite.name: group.suite.settings for group in groups}
    for ended in run.ended_suites.values():
        settings = rounds.get(ended.suite)
        if ended.reason == "budget" and settings and settings.budget_s:
            spent = f"the budget of {format_seconds(settings.budget_s)} was spent"
            which = f"{ended.suite}: " if len(rounds) > 1 else ""
            yield f"{which}stopped after {_so_far(ended.rounds, settings)}: {spent}"
    if run.status == "interrupted":
        yield f"interrupted: go on with 'daskbench resume {run.run_id}'"


def _so_far(rounds: int, settings: Settings) -> str:
    """Say how many rounds there are, of how many or for what."""
    if settings.precision and rounds >= settings.samples:
        asked = f"{100 * settings.precision:g}%"
        return f"{counted(rounds, 'round')}, before all had a precision of {asked}"
    launches = f" in {settings.launches} launches" if settings.launches > 1 else ""
    return f"{rounds} of {settings.samples} rounds{launches}"


def _compared(groups: list[Group]) -> list[Group]:
    """Return the groups without searches, whose tables tell of each trial what became of it."""
    return [group for group in groups if not group.is_search]


def tracebacks(run: Run, groups: list[Group]) -> Iterator[str]:
    """Say how to see more of what failed than its reason."""
    if any(failure.detail for failure in run.failures.values()):
        yield f"whole tracebacks of what failed: 'daskbench show {run.run_id} --failures'"


def invalid_samples(run: Run, groups: list[Group]) -> Iterator[str]:
    """Samples without proof, which count in no figure."""
    for group in _compared(groups):
        for result in group.results:
            if result.invalid_reason:
                label = result.case.what if group.is_hardware else result.label
                yield f"{label}: {result.invalid_reason}; they count in no figure"


def resumed(run: Run, groups: list[Group]) -> Iterator[str]:
    """Cases that share fewer rounds with their baseline, as parts of the run lie far apart."""
    if run.sessions == 1:
        return
    for group in _compared(groups):
        for result in group.results:
            shared = result.ratio.rounds if result.ratio else 0
            if result.samples > shared:
                yield (
                    f"{result.label}: its ratio comes from {shared} of {result.samples} samples, "
                    "as the others were taken before or after the run was resumed"
                    if shared
                    else f"{result.label}: no ratio, as the run was resumed between its samples "
                    "and those of the baseline"
                )


def workers_lost(run: Run, groups: list[Group]) -> Iterator[str]:
    """Workers that died while a sample ran."""
    for group in _compared(groups):
        for result in group.results:
            lost = int(run.samples[result.number]["workers_lost"].sum())
            if lost and result.passage is None:  # where it is not what was wanted
                yield (
                    f"{result.label}: {counted(lost, 'worker')} died while "
                    "samples ran; what they held was computed again, and the time includes it"
                )


def lane_notes(run: Run, groups: list[Group]) -> Iterator[str]:
    """What a lane noticed at its start, such as versions that differ."""
    for group in groups:
        for result in group.results:
            if lane := run.lanes.get(result.number):
                yield from (f"{result.label}: {note}" for note in lane.notes)


RULES = (stopped_early, tracebacks, invalid_samples, resumed, workers_lost, lane_notes)
