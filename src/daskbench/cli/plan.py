"""Showing a plan before it is measured: its cases, their samples, and how long it may take."""

from contextlib import suppress

import click
import msgspec

from daskbench import environment
from daskbench.benchmarks.base import Benchmark, Keeps
from daskbench.config import describe, fit, forecasts_of
from daskbench.errors import DaskbenchError
from daskbench.journal.read import read_run
from daskbench.journal.store import Store
from daskbench.model import Plan
from daskbench.stats.results import HARDWARE
from daskbench.units import format_seconds

_LOOK_BACK = 10


def forecast(plan: Plan, *, force: bool) -> Plan:
    """Tell on stderr what each suite will hold in memory, and leave out what cannot run."""
    suites = []
    for suite in plan.suites:
        memory = environment.memory_bytes()
        found = forecasts_of(suite, environment.cores(), memory)
        told = [one for one in found if one.case.benchmark != HARDWARE]
        if told:
            fullest = max(told, key=lambda one: one.fullness)
            click.echo(f"{suite.name}: {describe(fullest, _tasks)}", err=True)
        fitted = fit(suite, found, memory, force=force)
        suites.append(fitted)
        for case in fitted.cases:
            if case.skip:
                click.echo(f"{case.place}: skipped: {case.skip} (--force runs it)", err=True)
        if fitted.in_turns:
            click.echo(fitted.in_turns, err=True)
    return msgspec.structs.replace(plan, suites=tuple(suites))


def _tasks(benchmark: Benchmark) -> int:
    from daskbench.lane.probes.tasks import count_tasks

    keep = isinstance(benchmark, Keeps) and benchmark.keeps
    return count_tasks(benchmark.collection(), keep=keep)


def print_plan(plan: Plan, store: Store) -> None:
    """Print every case with its samples, and the time that earlier runs let expect."""
    known = _seconds_per_sample(store)
    total, unknown = 0.0, 0
    for suite in plan.suites:
        settings = suite.settings
        click.echo(f"{suite.name}: {len(suite.cases)} cases × {settings.rounds} rounds")
        for case in suite.cases:
            if case.skip:
                click.echo(f"  {case}: skipped: {case.skip}")
                continue
            samples = settings.rounds + settings.warmup
            seconds = known.get(str(case))
            about = f"about {format_seconds(seconds * samples)}" if seconds else "not measured yet"
            click.echo(f"  {case}: {samples} samples, {about}")
            total, unknown = total + (seconds or 0) * samples, unknown + (seconds is None)
    if unknown < len(plan.cases):
        missing = f", without {unknown} cases not measured yet" if unknown else ""
        click.echo(f"about {format_seconds(total)} in all{missing}")


def _seconds_per_sample(store: Store) -> dict[str, float]:
    """Return the mean seconds of a sample of each case that the latest runs measured."""
    times = {}
    for run_id in store.run_ids[-_LOOK_BACK:]:
        with suppress(DaskbenchError):
            run = read_run(store.path(run_id))
            for number, _, case in run.cases:
                wall_s = run.samples[number]["wall_s"][run.samples[number].counted]
                if len(wall_s):
                    times[str(case)] = float(wall_s.mean())
    return times
