"""What every measuring command does: plan, conduct, journal, show."""

import shlex
import sys
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import msgspec

from daskbench import asking, environment, trust
from daskbench.cli import files, look, output, streams
from daskbench.cli.gate import Gate, judge
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import RunOptions
from daskbench.cli.plan import forecast, print_plan, tell
from daskbench.cli.progress import Progress, Silent
from daskbench.cli.say import say
from daskbench.conductor import conduct
from daskbench.conductor.machine import ThisMachine
from daskbench.config import check_room
from daskbench.errors import ExitCode, JournalError, UsageError
from daskbench.events import SCHEMA, Header, LaneStarted, Resumed
from daskbench.experiments import EXPERIMENTS, experiment, experiment_of
from daskbench.experiments.report import Report, build
from daskbench.formats import render_file
from daskbench.journal.checks import check_plan
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Plan, Suite
from daskbench.paths import check_working_folder
from daskbench.processes.lanes import Lanes
from daskbench.stats.names import names_of

#: A journal with more samples would fit neither on a disk nor in memory.
_MOST_SAMPLES = 10**9


@dataclass(frozen=True)
class Ended:
    """What could not be written while a run was measured: files, or the journal itself."""

    unwritten: list[str] = field(default_factory=list)
    full: JournalError | None = None


def carry_out(suites: tuple[Suite, ...], command: str, run_options: RunOptions) -> ExitCode:
    """Measure suites, or just show what would be measured, and return the exit code."""
    check_working_folder()  # lanes and workers could not start
    pictures = {"graph": run_options.graph, "report": run_options.performance_report}
    files.check_targets({**run_options.files, **pictures}, force=run_options.force)
    plan = Plan(suites, run_options.seed)
    _check_configuration()
    _check_size(plan)
    look.check(plan, run_options)
    _check_memory(plan, run_options)
    plan, told = forecast(plan, force=run_options.force)
    if run_options.dry_run:
        print_plan(plan, Store(run_options.store), told)
        return ExitCode.OK
    _check_room(plan)
    tell(plan, told)
    if run_options.graph:
        look.draw_graph(plan, run_options.graph, force=run_options.force)
    return measure(plan, command, run_options)


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


def _check_memory(plan: Plan, run_options: RunOptions) -> None:
    """Raise UsageError if memory readings are to be written but none are taken."""
    name = run_options.files.get("timeline") or run_options.files.get("events")
    if name and not any(suite.settings.memory for suite in plan.suites):
        raise UsageError(f"{name} is for readings of worker memory; add --memory")


def _check_room(plan: Plan) -> None:
    for suite in plan.suites:
        check_room(suite, environment.available_bytes())


def measure(plan: Plan, command: str, run_options: RunOptions) -> ExitCode:
    """Measure a plan from the start, show it, and return the exit code."""
    store, started = Store(run_options.store), datetime.now(UTC)
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
    header = trust.sealed(header, trust.find_key(make=True))
    with Interruption() as interruption:
        with (
            Lanes(environment.temp_folder()) as lanes,  # first: without them there is no run
            JournalWriter.create(store.path(run_id), header) as journal,
        ):
            ended = _conduct(plan, journal, lanes, run_options, conduct.Progress(), interruption)
            path = _kept(journal)
        return interruption.judge(finish(path, run_options, ended))


def resume(run: Run, run_options: RunOptions) -> ExitCode:
    """Measure what is missing from a run, show all of it, and return the exit code."""
    _check_room(run.plan)
    before = conduct.Progress(
        samples=run.samples,
        done={
            number: frozenset(int(r) for r in samples["round"][samples.measured])
            for number, samples in run.samples.items()
        },
        loops={n: int(s["loops"][-1]) for n, s in run.samples.items() if s.measured.any()},
        launches={number: lane.launch + 1 for number, lane in run.lanes.items()},
        elapsed_s=run.elapsed_s,
        session=run.sessions,
        outcomes={n: o for kind in EXPERIMENTS for n, o in experiment(kind).outcomes(run).items()},
        identities=run.identities,
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with Interruption() as interruption:
        with (
            Lanes(environment.temp_folder()) as lanes,
            JournalWriter.reopen(run.path, run.whole_bytes) as journal,
        ):
            journal.append(Resumed(now, run.elapsed_s))
            ended = _conduct(run.plan, journal, lanes, run_options, before, interruption)
            path = _kept(journal)
        return interruption.judge(finish(path, run_options, ended))


def _kept(journal: JournalWriter) -> Path:
    """Return the path of the journal; print a warning if it was removed during the run."""
    path, was_there = journal.keep()
    if not was_there:
        say(f"the journal was removed during the run; a copy is saved as {path}", err=True)
    return path


def _conduct(
    plan: Plan,
    journal: JournalWriter,
    lanes: Lanes,
    run_options: RunOptions,
    before: conduct.Progress,
    interruption: Interruption,
) -> Ended:
    """Run the plan into the journal, and return what could not be written."""
    wants = run_options.progress and sys.stderr.isatty()
    asking.end()  # no process of our own runs beside what is measured
    with _progress(plan, wants, before) as progress:
        case = look.reported_case(plan) if run_options.performance_report else None
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
            digest_key=trust.digest_key().hex(),
            show=progress.show,
            policy=lambda suite, *more: experiment_of(suite).policy(suite, *more),
        )
        try:
            with closing(conductor.run()) as events:
                for event in events:
                    if not isinstance(event, conduct.Activity):
                        journal.append(event)
                    progress.show(event)
                    if isinstance(event, LaneStarted) and run_options.progress:
                        _tell_dashboard(plan, event, progress)
        except JournalError as error:
            return Ended(full=error)
        if report and run_options.performance_report:
            return Ended(
                _write_report(Path(report.path), run_options.performance_report, run_options)
            )
    return Ended()


def _tell_dashboard(plan: Plan, event: LaneStarted, progress: Silent) -> None:
    """Print the dashboard address of a case, if it stays up long enough to be seen."""
    _, suite, _ = plan.cases[event.case]
    if event.dashboard and not suite.trial and suite.settings.launches == 1:
        name = names_of(plan.cases)[event.case]
        progress.say(f"dashboard of {name}: {event.dashboard}")


def _write_report(found: Path, name: str, run_options: RunOptions) -> list[str]:
    """Write Dask's report, and return the error if that failed, which must not cost the run."""
    try:
        files.write_bytes(name, found.read_bytes(), force=run_options.force)
    except FileNotFoundError:
        say(f"no performance report written to {name}: its sample failed", err=True)
    except UsageError as error:
        return [f"{error}; the report is not in the journal: measure again to get it"]
    return []


def _progress(plan: Plan, wants: bool, before: conduct.Progress) -> Silent:
    if not wants:
        return Silent()
    from rich.console import Console

    done = {number: len(rounds) for number, rounds in before.done.items()}
    failed = [number for number, outcome in before.outcomes.items() if outcome <= 0]
    done |= {number: plan.cases[number][1].settings.samples for number in failed}
    return Progress(plan, Console(stderr=True), done=done)


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
        output.print_document(report.document, run_options.view)
    told = output.tell([*ended.unwritten, *unwritten])
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
