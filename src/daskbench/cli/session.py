"""What every measuring command does: plan, measure, show."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from daskbench import environment
from daskbench.cli import clusters, files, joining, look, output, recording, streams
from daskbench.cli.gate import Gate, judge
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import RunOptions
from daskbench.cli.plan import Told, forecast, print_plan, tell
from daskbench.cli.recording import Ended
from daskbench.cli.say import say
from daskbench.cli.views import check_planned, how_of, missing_columns
from daskbench.config import check_room
from daskbench.errors import ExitCode, UsageError
from daskbench.experiments.report import Report, build
from daskbench.formats import render_file
from daskbench.journal.checks import check_plan
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.model import Plan, Suite
from daskbench.paths import check_working_folder

#: A journal with more samples would fit neither on a disk nor in memory.
_MOST_SAMPLES = 10**9


def carry_out(suites: tuple[Suite, ...], command: str, run_options: RunOptions) -> ExitCode:
    """Measure suites, or just show what would be measured, and return the exit code."""
    plan, told = ready(suites, run_options)
    if run_options.dry_run:
        print_plan(plan, Store(run_options.store), told)
        return ExitCode.OK
    check_rooms(plan)
    tell(plan, told)
    if run_options.graph:
        look.draw_graph(plan, run_options.graph, force=run_options.force)
    return measure(plan, command, run_options)


def ready(suites: tuple[Suite, ...], run_options: RunOptions) -> tuple[Plan, Told]:
    """Check all that can be checked before it is measured; return the plan and its forecasts."""
    joining.join(suites, dry_run=run_options.dry_run)
    check_working_folder()  # lanes and workers could not start
    pictures = {"graph": run_options.graph, "report": run_options.performance_report}
    files.check_targets({**run_options.files, **pictures}, force=run_options.force)
    plan = Plan(suites, run_options.seed)
    _check_columns(plan, run_options)
    _check_configuration()
    _check_size(plan)
    look.check(plan, run_options)
    clusters.check(plan)
    check_memory(plan, run_options.files)
    return forecast(plan, force=run_options.force)


def _check_columns(plan: Plan, run_options: RunOptions) -> None:
    gate = run_options.gate
    check_planned(plan, run_options.view, compared=bool(gate and gate.against))


def _check_configuration() -> None:
    """Raise UsageError if Dask's configuration can't be what the user meant."""
    from daskbench.lane.probes.configuration import misplaced

    if why := misplaced():
        raise UsageError(f"{why}; fix Dask's configuration")


def _check_size(plan: Plan) -> None:
    """Raise UsageError if a plan asks for more than can be measured or saved."""
    try:
        check_plan(plan)
    except (ValueError, msgspec.MsgspecError) as error:
        raise UsageError(f"the plan is too large: {error}") from error
    samples = sum(len(suite.cases) * suite.settings.samples for suite in plan.suites)
    if samples > _MOST_SAMPLES:
        raise UsageError(
            f"the plan is too large: {samples:,} samples; choose up to {_MOST_SAMPLES:,} in all"
        )


def check_memory(plan: Plan, chosen: Mapping[str, str | None]) -> None:
    """Raise UsageError if memory readings are to be written to files but none are taken."""
    name = chosen.get("timeline") or chosen.get("events")
    if name and not any(suite.settings.memory for suite in plan.suites):
        raise UsageError(f"{name} is for readings of worker memory; add --memory")


def check_rooms(plan: Plan) -> None:
    """Raise UsageError if workers of a suite need more memory than is available."""
    for suite in plan.suites:
        check_room(suite, environment.available_bytes())


def measure(plan: Plan, command: str, run_options: RunOptions) -> ExitCode:
    """Measure a plan from the start, show it, and return the exit code."""
    with Interruption() as interruption:
        path, ended = recording.record(plan, command, run_options, interruption)
        return interruption.judge(finish(path, run_options, ended))


def resume(run: Run, run_options: RunOptions) -> ExitCode:
    """Measure what is missing from a run, show all of it, and return the exit code."""
    _check_columns(run.plan, run_options)
    check_rooms(run.plan)
    with Interruption() as interruption:
        path, ended = recording.go_on(run, run_options, interruption)
        return interruption.judge(finish(path, run_options, ended))


def finish(path: Path, run_options: RunOptions, ended: Ended | None = None) -> ExitCode:
    """Write and show a run that has just ended, as the journal holds it; return its exit code.

    Files are written first, so that they exist even if stdout fails.
    """
    ended = ended or Ended()
    run, gate = read_run(path), run_options.gate
    report = build(
        run, published=run_options.published, comparison=gate.compare(run) if gate else None
    )
    unwritten = output.write_files(
        run_options.files,
        lambda what: render_file(what, report.document),
        force=run_options.force,
        journal=path,
    )
    named = files.STDOUT in run_options.files.values()  # then nothing else is printed on stdout
    if not named:
        view = replace(run_options.view, how=how_of(run_options.store))
        output.print_document(report.document, view)
    missing = missing_columns(report.document, run_options.view, run.plan)
    told = output.tell([*ended.unwritten, *unwritten, *missing])
    if why := streams.lost():
        lost = output.tell([f"{why}; the run is kept: 'daskbench show {shlex.quote(str(path))}'"])
        told = told or (lost if named else ExitCode.OK)
    if ended.full:
        say(f"Error: {ended.full}", err=True)
        return ExitCode.CASE_FAILED
    return (_judged(report, gate) if gate else exit_code(report)) or told


def _judged(report: Report, gate: Gate) -> ExitCode:
    """Return the exit code of a run with a gate; only an interruption precedes a regression."""
    ended = exit_code(report)
    judged = judge(report.comparison, gate) if report.comparison else ExitCode.OK
    first = ExitCode.INTERRUPTED, ExitCode.REGRESSION
    return next((code for code in first if code in (ended, judged)), ended or judged)


def exit_code(report: Report) -> ExitCode:
    """Return the exit code of a run."""
    if report.run.status == "interrupted":
        return ExitCode.INTERRUPTED
    return ExitCode.CASE_FAILED if report.failed else ExitCode.OK
