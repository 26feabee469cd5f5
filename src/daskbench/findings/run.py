"""Findings about the run itself: stopped early, invalid samples, workers lost, versions."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.model import Settings
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.units import counted, format_seconds


def stopped_early(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """A budget that was spent, or an interruption."""
    rounds = {table.suite.name: table.suite.settings for table in tables}
    for ended in run.ended_suites.values():
        settings = rounds.get(ended.suite)
        if ended.reason == "budget" and settings and settings.budget_s:
            spent = f"the budget of {format_seconds(settings.budget_s)} was spent"
            which = f"{ended.suite}: " if len(rounds) > 1 else ""
            so_far, budget = _so_far(ended.rounds, settings), format_seconds(settings.budget_s)
            yield Said(
                f"{which}stopped after {so_far}: {spent}",
                f"{which}stopped after {so_far.partition(',')[0]} (--budget {budget}): raise it",
            )
    if run.status == "interrupted":
        yield Said(f"interrupted: continue with 'daskbench resume {run.run_id}'")


def _so_far(rounds: int, settings: Settings) -> str:
    """Return how many rounds there are, and how many were planned."""
    if settings.decide and rounds >= settings.samples:
        return f"{counted(rounds, 'round')}, before all rows were decided"
    if settings.precision and rounds >= settings.samples:
        asked = f"{100 * settings.precision:g}%"
        return f"{counted(rounds, 'round')}, before all cases reached a precision of {asked}"
    if rounds >= settings.samples:
        return f"{counted(rounds, 'round')}, before each case had all of them"
    launches = f" in {settings.launches} launches" if settings.launches > 1 else ""
    return f"{rounds} of {settings.samples} rounds{launches}"


def _untold(tables: list[ResultTable]) -> list[ResultTable]:
    """Return the tables that do not show failures themselves."""
    return [table for table in tables if not table.tells_failures]


def tracebacks(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """How to see the tracebacks of failed cases."""
    if any(failure.detail for failure in run.failures.values()):
        command = f"'daskbench show {run.run_id} --failures'"
        rows = [row for table in _untold(tables) for row in table.results]
        is_wanted = any(row.number in run.failures for row in rows)
        brief = f"tracebacks: {command}" if is_wanted else None
        yield Said(f"full tracebacks of the failures: {command}", brief)


def invalid_samples(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Invalid samples, which are excluded from the results."""
    for table in _untold(tables):
        for result in table.results:
            if result.proof.invalid_reason:
                label = result.case.what if table.reference else result.label
                yield f"{label}: {result.proof.invalid_reason}; excluded from the results"


def resumed(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Cases that share fewer rounds with their baseline because the run was resumed."""
    if run.sessions == 1:
        return
    for table in _untold(tables):
        for result in table.results:
            ratio = result.comparison.ratio
            shared = ratio.rounds if ratio else 0
            if result.samples > shared:
                yield _resumed(result, shared)


def _resumed(result: Result, shared: int) -> Said:
    """Return how few samples a ratio has."""
    if not shared:
        return Said(
            f"{result.label}: no ratio, as the run was resumed between its samples and those of "
            "the baseline",
            f"{result.label}: no ratio, as the run was resumed meanwhile; run it anew",
        )
    few = f"its ratio uses only {shared} of {result.samples} samples"
    return Said(
        f"{result.label}: {few}; the run was resumed between the others and those of the baseline",
        f"{result.label}: {few}, as the run was resumed",
    )


def workers_lost(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Workers that left while a sample ran; whether they died is unknown."""
    for table in _untold(tables):
        for result in table.results:
            if result.workers_lost:
                lost = counted(result.workers_lost, "worker")
                yield (
                    f"{result.label}: {lost} left while samples ran; times include the "
                    "recomputation of lost data"
                )


def lane_notes(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """What a lane noticed when it started, such as versions that differ."""
    for table in tables:
        for result in table.results:
            if lane := run.lanes.get(result.number):
                yield from (f"{result.label}: {note}" for note in lane.notes)


def in_turns(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Lanes that could not be open at the same time, by suite."""
    suites = dict.fromkeys(table.suite.name for table in tables)
    for suite in suites:
        own = [table for table in tables if table.suite.name == suite and not table.tells_failures]
        which = f"{suite}: " if len(suites) > 1 else ""
        yield from (f"{which}{reason}" for reason in {one.suite.in_turns for one in own} if reason)


RULES = (
    Rule(stopped_early, urgent=True),
    Rule(tracebacks),
    Rule(invalid_samples),
    Rule(resumed),
    Rule(workers_lost),
    Rule(lane_notes),
    Rule(in_turns),
)
