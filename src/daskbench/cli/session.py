"""What every command that measures does: plan, conduct, journal, show."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import click

from daskbench import environment
from daskbench.cli import look, output
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import Wishes
from daskbench.cli.plan import forecast, print_plan, tell
from daskbench.cli.progress import Progress, Silent
from daskbench.conductor import conduct
from daskbench.conductor.lanes import Lanes
from daskbench.conductor.machine import ThisMachine
from daskbench.config import check_room
from daskbench.errors import ExitCode, JournalError
from daskbench.events import SCHEMA, Header, LaneStarted, Resumed
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Plan, Suite
from daskbench.stats.results import Result
from daskbench.views.report import build


def carry_out(suites: tuple[Suite, ...], command: str, wishes: Wishes) -> ExitCode:
    """Measure suites, or only show what would be measured, and return the exit code."""
    pictures = {"graph": wishes.graph, "report": wishes.performance_report}
    output.check_targets({**wishes.files, **pictures}, force=wishes.force)
    plan = Plan(suites, wishes.seed)
    look.check(plan, wishes)
    plan, told = forecast(plan, force=wishes.force)
    if wishes.dry_run:
        print_plan(plan, Store(wishes.store), told)
        return ExitCode.OK
    _check_room(plan)
    tell(plan, told)
    if wishes.graph:
        look.draw_graph(plan, Path(wishes.graph))
    return measure(plan, command, wishes)


def _check_room(plan: Plan) -> None:
    for suite in plan.suites:
        check_room(suite, environment.available_bytes())


def measure(plan: Plan, command: str, wishes: Wishes) -> ExitCode:
    """Measure a plan from its beginning, show it, and return the exit code."""
    store, started = Store(wishes.store), datetime.now(UTC)
    store.prepare()
    run_id = store.new_id(started, command)
    header = Header(
        schema=SCHEMA,
        run_id=run_id,
        command=command,
        started=started.isoformat(timespec="seconds"),
        plan=plan,
        environment=environment.describe(),
    )
    with JournalWriter.create(store.path(run_id), header) as journal:
        full = _conduct(plan, journal, wishes, conduct.Progress())
    return finish(store.path(run_id), wishes, full)


def resume(run: Run, wishes: Wishes) -> ExitCode:
    """Measure what is missing of a run, show all of it, and return the exit code."""
    _check_room(run.plan)
    before = conduct.Progress(
        done={
            number: frozenset(int(r) for r in samples["round"][samples.measured])
            for number, samples in run.samples.items()
        },
        loops={n: int(s["loops"][-1]) for n, s in run.samples.items() if s.measured.any()},
        launches={number: lane.launch + 1 for number, lane in run.lanes.items()},
        elapsed_s=run.elapsed_s,
        session=run.sessions,
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with JournalWriter.reopen(run.path, run.whole_bytes) as journal:
        journal.append(Resumed(now, run.elapsed_s))
        full = _conduct(run.plan, journal, wishes, before)
    return finish(run.path, wishes, full)


def _conduct(
    plan: Plan, journal: JournalWriter, wishes: Wishes, before: conduct.Progress
) -> JournalError | None:
    """Run the plan into the journal; return the error if the journal could take no more."""
    wants = wishes.progress and sys.stderr.isatty()
    with (
        Interruption() as interruption,
        _progress(plan, wants, before) as progress,
        Lanes(environment.temp_folder()) as lanes,
    ):
        case = look.reported_case(plan) if wishes.performance_report else None
        report = None if case is None else conduct.Report(case, str(lanes.folder / "report.html"))

        def tick() -> None:
            interruption.check()
            progress.tick()

        conductor = conduct.Conductor(
            plan,
            lanes,
            clock=monotonic,
            machine=ThisMachine(),
            tick=tick,
            note=journal.append,
            before=before,
            report=report,
        )
        try:
            with closing(conductor.run()) as events:
                for event in events:
                    if not isinstance(event, conduct.Doing):
                        journal.append(event)
                    progress.show(event)
                    if isinstance(event, LaneStarted) and event.dashboard and wishes.progress:
                        progress.say(f"dashboard of {_name(plan, event)}: {event.dashboard}")
        except JournalError as error:
            return error
        if report and wishes.performance_report:
            _write_report(Path(report.path), wishes.performance_report, wishes)
    return None


def _name(plan: Plan, event: LaneStarted) -> str:
    """Name a case short: its place, and its ways."""
    _, suite, case = plan.cases[event.case]
    return ", ".join([case.place, *(str(case.parameters[way]) for way in suite.ways)])


def _write_report(found: Path, name: str, wishes: Wishes) -> None:
    if found.exists():
        output.write_text(name, found.read_text(encoding="utf-8"), force=wishes.force)
    else:
        click.echo(f"no performance report for {name}: its sample did not end well", err=True)


def _progress(plan: Plan, wants: bool, before: conduct.Progress) -> Silent:
    if not wants:
        return Silent()
    from rich.console import Console

    done = {number: len(rounds) for number, rounds in before.done.items()}
    return Progress(plan, Console(stderr=True), done=done)


def finish(path: Path, wishes: Wishes, full: JournalError | None = None) -> ExitCode:
    """Show a run that has just ended, as the journal holds it, and return its exit code."""
    report = build(read_run(path), published=wishes.published)
    files = wishes.files
    if output.STDOUT not in files.values():  # what goes to stdout by name goes there alone
        output.print_report(report, wishes.view)
    output.write_files(report, files, force=wishes.force)
    if full:
        click.echo(f"Error: {full}", err=True)
        return ExitCode.CASE_FAILED
    return exit_code(report.run, report.results)


def exit_code(run: Run, results: list[Result]) -> ExitCode:
    """Return what became of a run."""
    if run.status == "interrupted":
        return ExitCode.INTERRUPTED
    failed = any(
        result.status in ("failed", "invalid")
        or (result.passage is not None and result.passage.verdict != "agrees")
        for result in results
    )
    return ExitCode.CASE_FAILED if failed else ExitCode.OK
