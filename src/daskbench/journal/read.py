"""Reading a journal: a cut last line is dropped, a damaged one inside is an error."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from daskbench.errors import JournalError
from daskbench.events import (
    SCHEMA,
    CaseFailed,
    Finished,
    Header,
    LaneStarted,
    Line,
    Reading,
    Resumed,
    Sample,
    SuiteFinished,
    WorkerEvent,
)
from daskbench.journal.run import Run, Samples
from daskbench.journal.write import is_live

_TAIL_BYTES = 4096


class _Schema(msgspec.Struct):
    """So much of a header as every version of the format has."""

    schema: int
    event: str


def read_header(path: Path) -> Header:
    """Read the first line of the journal at `path`.

    Raises JournalError where it is no journal, or one of a newer daskbench.
    """
    try:
        with path.open("rb") as file:
            line = file.readline()
    except OSError as error:
        raise JournalError(f"cannot read {path}: {error.strerror}") from error
    if not line.endswith(b"\n"):
        raise JournalError(f"{path}, line 1: not the header of a run (it is cut)")
    try:
        schema = msgspec.json.decode(line, type=_Schema).schema
        if schema > SCHEMA:
            raise JournalError(
                f"{path} has schema {schema}, this daskbench reads up to {SCHEMA}: "
                "upgrade daskbench to read it"
            )
        return msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JournalError(f"{path}, line 1: not the header of a run ({error})") from error


def read_run(path: Path) -> Run:
    """Read the whole journal at `path`; raises JournalError naming file and line."""
    header = read_header(path)
    run = Run(path, header, {number: Samples() for number, _, _ in header.plan.cases})
    run.live = is_live(path)
    for number, line in _lines(path, run):
        try:
            _take(run, line)
        except (KeyError, IndexError) as error:
            raise JournalError(
                f"{path}, line {number}: a case that the plan does not have"
            ) from error
    return run


def _lines(path: Path, run: Run) -> Iterator[tuple[int, Line]]:
    decode = msgspec.json.Decoder(Line).decode
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):  # cut by a kill or a full disk: never shown, so no loss
                return
            try:
                event = decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise JournalError(
                    f"{path}, line {number}: damaged ({error}); "
                    "mend or remove that line, or delete the run"
                ) from error
            run.whole_bytes += len(line)
            yield number, event


def _take(run: Run, line: Line) -> None:
    match line:
        case Sample():
            run.samples[line.case].append(line)
            run.elapsed_s = max(run.elapsed_s, line.at_s)
        case Reading():
            run.samples[line.case]  # a KeyError names the line
            run.readings.setdefault(line.case, []).append(line)
            run.elapsed_s = max(run.elapsed_s, line.at_s)
        case WorkerEvent():
            run.samples[line.case]
            run.happenings.setdefault(line.case, []).append(line)
            run.elapsed_s = max(run.elapsed_s, line.at_s)
        case LaneStarted():
            run.samples[line.case]
            run.lanes[line.case] = line
        case CaseFailed():
            run.samples[line.case]
            run.failures[line.case] = line
        case SuiteFinished():
            run.ended_suites[line.suite] = line
        case Resumed():
            run.finished, run.elapsed_s = None, line.elapsed_s
            run.sessions += 1
            run.ended_suites.clear()
            _forget_failures(run)
        case Finished():
            run.finished, run.elapsed_s = line, line.elapsed_s
        case Header():
            pass


def _forget_failures(run: Run) -> None:
    """What failed is measured again, but in a search: there that it failed is what was wanted."""
    searched = {number for number, suite, _ in run.cases if suite.search}
    run.failures = {n: failure for n, failure in run.failures.items() if n in searched}


def read_status(path: Path) -> tuple[Header, str]:
    """Read a journal's header and how the run stands, without reading its samples."""
    header = read_header(path)
    if is_live(path):
        return header, "running"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        whole, _, _cut = file.read().rpartition(b"\n")
    last = whole.rpartition(b"\n")[2]
    try:
        finished = msgspec.json.decode(last, type=Finished)
    except msgspec.MsgspecError:
        return header, "interrupted"
    failed = f", {finished.failed} failed" if finished.failed else ""
    return header, finished.reason + failed
