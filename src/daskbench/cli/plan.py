"""Show a plan before it is measured: its cases, their samples, and the expected time."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import msgspec

from daskbench import environment
from daskbench.cli import clusters
from daskbench.cli.say import say
from daskbench.config import Forecast, Room, describe, find_room, fit, forecasts_of
from daskbench.document.headings import rounds_text
from daskbench.errors import DaskbenchError
from daskbench.experiments import experiment_of
from daskbench.journal.read import read_run
from daskbench.journal.store import Store
from daskbench.launches import launches_begun
from daskbench.model import Case, Plan, Suite
from daskbench.stats.precision import goes_on, least_samples
from daskbench.units import counted, format_seconds

_LOOK_BACK = 10


#: Forecasts by suite and place in it.
Told = Mapping[tuple[str, int], Forecast]


def forecast(plan: Plan, *, force: bool) -> tuple[Plan, Told]:
    """Return the plan without the cases that cannot run, and a memory forecast for each case."""
    memory, room, suites = environment.memory_bytes(), Room.here(), []
    told: dict[tuple[str, int], Forecast] = {}
    for suite in plan.suites:
        found = forecasts_of(suite, environment.cores(), memory)
        fitting = fit(suite, found, memory, force=force)
        suites.append(find_room(fitting, room, force=force))
        told |= {(suite.name, one.number): one for one in found if not one.case.reference}
    return msgspec.structs.replace(plan, suites=tuple(suites)), told


def tell(plan: Plan, told: Told) -> None:
    """Print on stderr what the user should know before a plan is measured."""
    for line in lines_of(plan, told):
        say(line, err=True)


def lines_of(plan: Plan, told: Told) -> Iterator[str]:
    """Yield the largest memory forecast of each suite, and the skipped cases."""
    for suite in plan.suites:
        trials = experiment_of(suite).most_cases(suite) is not None
        if trials and (one := _largest(suite, told)):
            yield f"{one.case.place}: {describe(one)}"
        yield from experiment_of(suite).foretold(suite)
        if trials:
            continue
        found = [
            told[suite.name, number]
            for number, case in enumerate(suite.cases)
            if (suite.name, number) in told and not case.skip
        ]
        which = f"{suite.name}: " if len(plan.suites) > 1 else ""
        if found:
            fullest = max(found, key=lambda one: (one.on_workers, one.fullness))
            yield f"{which}{fullest.case.place}: {describe(fullest)}"
        for case in suite.cases:
            if case.skip:
                yield f"{which}{case}: skipped: {case.skip} (--force runs it)"
        if suite.in_turns:
            yield f"{which}{suite.in_turns}"


def _largest(suite: Suite, told: Told) -> Forecast | None:
    """Return the forecast of the last case of a suite that does not measure all its cases."""
    return told.get((suite.name, len(suite.cases) - 1))


def _print_trials(suite: Suite, known: Mapping[str, float], told: Told, most: int) -> None:
    """Print what a search will try, without a line for each case."""
    case, rounds = suite.cases[-1], suite.settings.rounds
    extent = experiment_of(suite).extent(suite)
    say(f"{suite.name}: {extent}, {counted(rounds, 'sample')} each")
    say(f"  {msgspec.structs.replace(case, memory_limit_bytes=None)}")
    if one := _largest(suite, told):
        say(f"    {describe(one)}")
    found = [known[name] for name in map(str, suite.cases) if name in known]
    if found:
        about = format_seconds(sum(found) / len(found) * most * rounds)
        say(f"  about {about} of samples, plus a cluster start for each trial")
    else:
        say("  not measured yet: its duration is unknown")


def print_plan(plan: Plan, store: Store, told: Told) -> None:
    """Print every case with its samples, memory forecast and expected time."""
    known = _seconds_per_sample(store)
    total, unknown = 0.0, 0
    for suite in plan.suites:
        settings = suite.settings
        if (most := experiment_of(suite).most_cases(suite)) is not None:
            _print_trials(suite, known, told, most)
            continue
        budget_s = settings.budget_s if settings.precision or settings.decide else None
        limit = f", at most {format_seconds(budget_s)}" if budget_s else ""
        say(f"{suite.name}: {counted(len(suite.cases), 'case')} × {rounds_text(settings)}{limit}")
        for line in _beside(suite):
            say(f"  {line}")
        for number, case in enumerate(suite.cases):
            if case.skip:
                say(f"  {case}: skipped: {case.skip}")
                continue
            samples = _samples(suite, case)
            seconds = known.get(str(case))
            about = f"about {format_seconds(seconds * samples)}" if seconds else "not measured yet"
            least = "at least " if goes_on(case, suite) else ""
            say(f"  {case}: {least}{counted(samples, 'sample')}, {about}")
            if one := told.get((suite.name, number)):
                say(f"    {describe(one)}")
            total, unknown = total + (seconds or 0) * samples, unknown + (seconds is None)
    if unknown < sum(not case.skip and not suite.trial for _, suite, case in plan.cases):
        missing = f", not counting {counted(unknown, 'case')} not measured yet" if unknown else ""
        say(f"about {format_seconds(total)} in all{missing}")


def _beside(suite: Suite) -> Iterator[str]:
    """Yield what is to be known of a suite beside its cases."""
    yield from experiment_of(suite).foretold(suite)
    if suite.in_turns:
        yield suite.in_turns
    if suite.settings.why:
        yield "then 3 samples of each case with instruments on (--why)"
    yield from clusters.lines_of(suite)


def _samples(suite: Suite, case: Case) -> int:
    """Return the number of samples of a case, or the minimum, including warm-ups."""
    settings, count = suite.settings, least_samples(case, suite)
    starts = 1 if settings.launches == 1 else launches_begun(count, settings)
    return count + settings.warmup * (count if suite.in_turns else starts)


def _seconds_per_sample(store: Store) -> dict[str, float]:
    """Return the mean duration in seconds of a sample of each case, from the latest runs."""
    times = {}
    for run_id in store.run_ids[-_LOOK_BACK:]:
        with suppress(DaskbenchError):
            run = read_run(store.path(run_id))
            for number, _, case in run.cases:
                wall_s = run.samples[number]["wall_s"][run.samples[number].counted]
                if len(wall_s):
                    times[str(case)] = float(wall_s.mean())
    return times
