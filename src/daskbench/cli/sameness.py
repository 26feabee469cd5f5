"""Whether a run can be resumed: who wrote it, and what has changed since."""

from collections.abc import Iterator
from pathlib import Path

from daskbench import environment, trust
from daskbench.benchmarks.targets import target_of
from daskbench.conductor.answers import read_identified
from daskbench.errors import UsageError
from daskbench.events import Identity
from daskbench.identity import AT_RUN_TIME, changes, inherited, source_changes
from daskbench.journal.run import Run
from daskbench.lane.probes.sources import file_digest, source_file
from daskbench.lane.protocol import Identify
from daskbench.model import Case, Side
from daskbench.processes.lanes import Lanes

_PATIENCE_S = 60.0


def check_trust(run: Run) -> None:
    """Raise UsageError if a journal from elsewhere names anything to start, load or connect to."""
    named = [*dict.fromkeys(_named(run))]
    if not named or trust.is_ours(run.path, run.header, trust.find_key()):
        return
    raise UsageError(
        f"{run.run_id} was not written by you on this machine, judging by its seal, and resuming "
        f"it would use {', '.join(named)}; if you trust its author, add --trust"
    )


def _named(run: Run) -> Iterator[str]:
    """Yield what a journal would make a lane start, load, or connect to."""
    for _, suite, case in run.cases:
        if case.side.python:
            yield f"the interpreter {case.side.python}"
        for name in (case.benchmark, case.work.plain):
            if target := target_of(name):
                yield f"the code in {target.place}"
        yield from (f"the variable {name}" for name in case.side.env)
        yield from (f"Dask's key {key}" for key in case.side.config)
        if cluster := suite.cluster.described:
            yield f"the cluster {cluster}"


def changes_since(run: Run) -> list[str]:
    """Return what has changed since the run was measured, before anything more is measured.

    Files are read first; then an idle lane is started in each environment.
    """
    edited = [change for number in run.identities for change in _edited(run, number)]
    if edited:
        return [*dict.fromkeys(edited)]
    return [*dict.fromkeys(_changed_around(run))]


def _edited(run: Run, number: int) -> list[str]:
    case: Case = run.cases[number][2]
    folder = source_file(case.benchmark).parent
    known = run.identities[number].source
    return source_changes(known, {name: file_digest(folder / Path(name)) for name in known})


def _changed_around(run: Run) -> Iterator[str]:
    with Lanes(environment.temp_folder()) as lanes:
        for side, blas_threads, known in _surroundings(run):
            lane = lanes.start(blas_threads, side)
            asked = Identify(digest_key=trust.digest_key().hex())
            found = read_identified(lane.ask(asked, _PATIENCE_S, lambda: None))
            later = [key for key, one in known.config.items() if one.source == AT_RUN_TIME]
            yield from changes(inherited(known), inherited(found), known=later)


def _surroundings(run: Run) -> list[tuple[Side, int | None, Identity]]:
    """Return each side and number of BLAS threads once, and the environment it was measured in."""
    firsts: dict[tuple[str, int | None], tuple[Side, int | None, Identity]] = {}
    for number, suite, case in run.cases:
        if found := run.identities.get(number):
            threads = case.blas_threads or suite.settings.blas_threads
            firsts.setdefault((case.side.name, threads), (case.side, threads, found))
    return [*firsts.values()]
