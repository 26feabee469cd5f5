"""Measure a plan into a journal, without showing it: for commands, Python and notebooks alike."""

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from daskbench import asking, environment, trust
from daskbench.cli import files, look, typed
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import RunOptions
from daskbench.cli.progress import Progress, Silent
from daskbench.cli.say import say
from daskbench.conductor import conduct
from daskbench.conductor.machine import ThisMachine
from daskbench.errors import JournalError, UsageError
from daskbench.events import SCHEMA, Header, LaneStarted, Resumed
from daskbench.experiments import EXPERIMENTS, experiment, experiment_of
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Plan
from daskbench.processes.lanes import Lanes
from daskbench.stats.names import names_of
from daskbench.stats.tables import has_shared_lanes

#: Makes what shows a plan while it is measured, given what was measured before.
MakeProgress = Callable[[Plan, conduct.Progress], Silent]


@dataclass(frozen=True)
class Ended:
    """What could not be written while a run was measured: files, or the journal itself."""

    unwritten: list[str] = field(default_factory=list)
    full: JournalError | None = None


def record(
    plan: Plan,
    command: str,
    run_options: RunOptions,
    interruption: Interruption,
    *,
    run_id: str = "",
    make_progress: MakeProgress | None = None,
    call: str = "",
) -> tuple[Path, Ended]:
    """Measure a plan from the start, as a `call` from Python if there is one.

    Returns the path of its journal.
    """
    store, started = Store(run_options.store), datetime.now(UTC)
    store.prepare()
    run_id = run_id or store.new_id(started, command)
    header = Header(
        schema=SCHEMA,
        run_id=run_id,
        command=command,
        started=started.isoformat(timespec="seconds"),
        plan=plan,
        environment=environment.describe(),
        words=typed.words(),
        call=call,
    )
    header = trust.sealed(header, trust.find_key(make=True))
    with (
        Lanes(environment.temp_folder()) as lanes,  # first: without them there is no run
        JournalWriter.create(store.path(run_id), header) as journal,
    ):
        work = _Work(plan, journal, lanes, run_options, interruption, conduct.Progress())
        ended = work.run(make_progress)
        path = _kept(journal)
    _tell_left(lanes)
    return path, ended


def go_on(run: Run, run_options: RunOptions, interruption: Interruption) -> tuple[Path, Ended]:
    """Measure what is missing from a run, and return the path of its journal."""
    before = _progress_of(run)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with (
        Lanes(environment.temp_folder()) as lanes,
        JournalWriter.reopen(run.path, run.whole_bytes) as journal,
    ):
        journal.append(Resumed(now, run.elapsed_s))
        work = _Work(run.plan, journal, lanes, run_options, interruption, before)
        ended = work.run()
        path = _kept(journal)
    _tell_left(lanes)
    return path, ended


def _tell_left(lanes: Lanes) -> None:
    """Say which jobs may still be in a queue."""
    for command in dict.fromkeys(lanes.left):
        say(
            f"jobs may be left in the queue, as '{command}' failed; daskbench retries it in the "
            "background for 10 minutes",
            err=True,
        )


def _progress_of(run: Run) -> conduct.Progress:
    return conduct.Progress(
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
        accounts={number: len(found) for number, found in run.accounts.items()},
    )


def _kept(journal: JournalWriter) -> Path:
    """Return the path of the journal; print a warning if it was removed during the run."""
    path, was_there = journal.keep()
    if not was_there:
        say(f"the journal was removed during the run; a copy is saved as {path}", err=True)
    return path


@dataclass(frozen=True)
class _Work:
    """A plan, and what it is measured with."""

    plan: Plan
    journal: JournalWriter
    lanes: Lanes
    run_options: RunOptions
    interruption: Interruption
    before: conduct.Progress
    _dashboards: set[str] = field(default_factory=set)

    def run(self, make_progress: MakeProgress | None = None) -> Ended:
        """Run the plan into the journal, and return what could not be written."""
        asking.end()  # no process of our own runs beside what is measured
        wanted, report = self.run_options.performance_report, self._report()
        with (make_progress or self._progress)(self.plan, self.before) as progress:
            try:
                self._follow(progress, report)
            except JournalError as error:
                return Ended(full=error)
        if report and wanted:
            return Ended(_write_report(Path(report.path), wanted, self.run_options))
        return Ended()

    def _report(self) -> conduct.Report | None:
        wanted = self.run_options.performance_report
        case = look.reported_case(self.plan) if wanted else None
        return (
            None if case is None else conduct.Report(case, str(self.lanes.folder / "report.html"))
        )

    def _follow(self, progress: Silent, report: conduct.Report | None) -> None:
        """Write each event into the journal, then show it."""

        def tick() -> None:
            self.interruption.check()
            progress.tick()

        conductor = conduct.Conductor(
            self.plan,
            self.lanes,
            clock=monotonic,
            machine=ThisMachine(),
            tick=tick,
            note=self.journal.append,
            before=self.before,
            report=report,
            digest_key=trust.digest_key().hex(),
            show=progress.show,
            policy=lambda suite, *more: experiment_of(suite).policy(suite, *more),
        )
        with closing(conductor.run()) as events:
            for event in events:
                if not isinstance(event, conduct.Activity):
                    self.journal.append(event)
                progress.show(event)
                if isinstance(event, LaneStarted) and self.run_options.progress:
                    self._tell_dashboard(event, progress)

    def _tell_dashboard(self, event: LaneStarted, progress: Silent) -> None:
        """Show the dashboard address of a lane once, if it stays up long enough to be seen."""
        _, suite, case = self.plan.cases[event.case]
        brief = suite.trial or suite.settings.launches > 1
        if not event.dashboard or brief or event.dashboard in self._dashboards:
            return
        self._dashboards.add(event.dashboard)
        name = case.place if has_shared_lanes(suite) else names_of(self.plan.cases)[event.case]
        progress.tell_link(f"dashboard of {name}", event.dashboard)

    def _progress(self, plan: Plan, before: conduct.Progress) -> Silent:
        """Return the progress for a terminal, if there is one."""
        if not (self.run_options.progress and sys.stderr.isatty()):
            return Silent()
        from rich.console import Console

        done = {number: len(rounds) for number, rounds in before.done.items()}
        failed = [number for number, outcome in before.outcomes.items() if outcome <= 0]
        done |= {number: plan.cases[number][1].settings.samples for number in failed}
        return Progress(plan, Console(stderr=True), done=done)


def _write_report(found: Path, name: str, run_options: RunOptions) -> list[str]:
    """Write Dask's report, and return the error if that failed, which must not cost the run."""
    try:
        files.write_bytes(name, found.read_bytes(), force=run_options.force)
    except FileNotFoundError:
        say(f"no performance report written to {name}: its sample failed", err=True)
    except UsageError as error:
        return [f"{error}; the report is not in the journal: measure again to get it"]
    return []
