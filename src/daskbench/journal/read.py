"""Read a journal: a truncated last line is dropped, a damaged line inside is an error."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
import numpy as np

from daskbench.account import Accounted
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
    Unaccounted,
    WorkerEvent,
)
from daskbench.journal.checks import check_place, checked
from daskbench.journal.keys import Keys, twice
from daskbench.journal.opening import is_being_written, open_journal
from daskbench.journal.run import Run, Samples
from daskbench.upgrade import decode_header, schema_of

_TAIL_BYTES, _BLOCK_BYTES = 4096, 1 << 20
#: Reading stops here, or a file without line ends would fill the memory.
_LONGEST_LINE = 64 << 20
#: No two samples of a case have all of these in common.
_ONCE = ("session", "launch", "round", "again")
#: What is raised by a line that is none of ours.
_DAMAGES = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


def read_header(path: Path) -> Header:
    """Read the first line of the journal at `path`.

    Raises JournalError if it is not a journal, or was written by a newer daskbench.
    """
    with open_journal(path) as file:
        return _header(path, file)


def _header(path: Path, file: IO[bytes]) -> Header:
    """Read the header of an open journal, which then stands behind it."""
    line = _first(path, file)
    if not line.endswith(b"\n"):
        why = "it is cut" if line else "the file is empty"
        raise JournalError(f"{path}, line 1: not the header of a run ({why})")
    try:
        schema = schema_of(line)
        if schema > SCHEMA:
            raise JournalError(
                f"{path} has schema {schema}, but this daskbench reads only up to {SCHEMA}: "
                "upgrade daskbench to read it"
            )
        if wrong := twice(line):
            raise ValueError(wrong)
        return checked(decode_header(line))
    except _DAMAGES as error:
        raise JournalError(f"{path}, line 1: not the header of a run ({error})") from error


def _first(path: Path, file: IO[bytes]) -> bytes:
    """Return the first line, truncated if the journal ends there; empty if there is none."""
    try:
        line = file.readline(_LONGEST_LINE)
    except OSError as error:
        raise JournalError(f"cannot read {path}: {error.strerror}") from error
    if len(line) == _LONGEST_LINE:
        raise _too_long(path, 1)
    return line


def _too_long(path: Path, number: int) -> JournalError:
    most = _LONGEST_LINE >> 20
    return JournalError(f"{path}, line {number}: damaged (longer than {most} MiB)")


def read_run(path: Path) -> Run:
    """Read the whole journal at `path`; raises JournalError naming file and line."""
    with open_journal(path) as file:
        header = _header(path, file)
        run = Run(path, header, {number: Samples() for number, _, _ in header.plan.cases})
        run.live = is_being_written(path, file)
        run.whole_bytes = file.tell()
        for number, line in _lines(path, file, run):
            try:
                if run.finished or not isinstance(line, Sample):  # of which there are a million
                    check_place(run, line)
                _take(run, line)
            except (KeyError, IndexError) as error:
                raise JournalError(
                    f"{path}, line {number}: a case that is not in the plan"
                ) from error
            except ValueError as error:
                raise _damaged(path, number, error) from error
    _check_once(run)
    return run


def _check_once(run: Run) -> None:
    """Raise JournalError if a round of a case occurs twice, as it would count twice.

    The second sample of a baseline says that it is one.
    """
    for number, samples in run.samples.items():
        measured = samples.measured
        rounds = samples["round"][measured]
        if (np.diff(rounds) > 0).all():  # as it is in one session: no need to sort
            continue
        told = np.column_stack([samples[name][measured] for name in _ONCE])
        rounds, times = np.unique(told, axis=0, return_counts=True)
        if (times > 1).any():
            session, launch, round_, _again = (int(value) for value in rounds[times > 1][0])
            where = f"round {round_} of launch {launch + 1} in session {session + 1}"
            raise JournalError(f"{run.path}: damaged (case {number} has {where} twice)")


def _lines(path: Path, file: IO[bytes], run: Run) -> Iterator[tuple[int, Line]]:
    """Yield the whole lines behind the header.

    What follows the last newline was truncated by a kill or a full disk. It was never shown, so
    nothing is lost.
    """
    decode, keys = msgspec.json.Decoder(Line).decode, Keys()
    for first, block in _blocks(path, file):
        damaged = keys.twice_in(block)
        for number, line in enumerate(block.split(b"\n"), first):
            try:
                event = decode(line)
            except _DAMAGES as error:
                raise _damaged(path, number, error) from error
            if damaged and (wrong := damaged.get(number - first)):
                raise _damaged(path, number, wrong)
            yield number, event
        run.whole_bytes += len(block) + 1


def _blocks(path: Path, file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield blocks of lines, as there may be a million, with the number of the first line."""
    rest, number = b"", 2
    while block := _block(path, file):
        whole, end, rest = (rest + block).rpartition(b"\n")
        if end:
            yield number, whole
            number += whole.count(b"\n") + 1
        if len(rest) >= _LONGEST_LINE:
            raise _too_long(path, number)


def _block(path: Path, file: IO[bytes]) -> bytes:
    try:
        return file.read(_BLOCK_BYTES)
    except OSError as error:
        raise JournalError(f"cannot read {path}: {error.strerror}") from error


def _damaged(path: Path, number: int, why: object) -> JournalError:
    return JournalError(
        f"{path}, line {number}: damaged ({why}); fix or remove that line, or delete the run"
    )


def _take(run: Run, line: Line) -> None:
    match line:
        case Sample():
            run.samples[line.case].append(line)
            run.elapsed_s = max(run.elapsed_s, line.at_s)
        case Accounted() | Reading() | WorkerEvent():
            _take_beside(run, line)
        case LaneStarted():
            run.samples[line.case]
            run.lanes[line.case] = line
        case CaseFailed():
            run.samples[line.case]
            run.failures[line.case] = line
        case Unaccounted():
            run.samples[line.case]
            run.unaccounted[line.case] = line
        case SuiteFinished():
            run.ended_suites[line.suite] = line
        case Resumed():
            run.finished, run.elapsed_s = None, line.elapsed_s
            run.sessions += 1
            run.ended_suites.clear()
            run.unaccounted.clear()
            _forget_failures(run)
        case Finished():
            run.finished, run.elapsed_s = line, line.elapsed_s


def _take_beside(run: Run, line: Accounted | Reading | WorkerEvent) -> None:
    """Take what comes beside samples, in any number."""
    run.samples[line.case]  # a KeyError names the line
    run.elapsed_s = max(run.elapsed_s, line.at_s)
    match line:
        case Accounted():
            run.accounts.setdefault(line.case, []).append(line)
        case Reading():
            run.readings.setdefault(line.case, []).append(line)
        case WorkerEvent():
            run.happenings.setdefault(line.case, []).append(line)


def _forget_failures(run: Run) -> None:
    """Forget failures, so that failed cases are measured again, except in searches."""
    tried = {number for number, suite, _ in run.cases if suite.trial}
    run.failures = {n: failure for n, failure in run.failures.items() if n in tried}


def read_status(path: Path) -> tuple[Header, str]:
    """Read a journal's header and the status of the run, without reading its samples."""
    with open_journal(path) as file:
        header = _header(path, file)
        if is_being_written(path, file):
            return header, "running"
        try:
            file.seek(max(file.tell(), file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            whole, _, _cut = file.read(_TAIL_BYTES).rpartition(b"\n")
        except OSError as error:
            raise JournalError(f"cannot read {path}: {error.strerror}") from error
    last = whole.rpartition(b"\n")[2]
    try:
        finished = msgspec.json.decode(last, type=Finished)
    except _DAMAGES:
        return header, "interrupted"
    failed = f", {finished.failed} failed" if finished.failed else ""
    return header, finished.reason + failed
