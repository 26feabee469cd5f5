"""Find a run, or a case of a run, by the name that the user gives."""

from dataclasses import dataclass

from daskbench.errors import UsageError, nearest
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.stats.matching import comparable

_MOST_LISTED = 12


@dataclass(frozen=True)
class RunRef:
    """A run, and the number of one of its cases if one was named."""

    run: Run
    number: int | None = None


class RunRefs:
    """Finds runs, and reads each only once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._runs: dict[str, Run] = {}

    def find(self, text: str) -> RunRef:
        """Return what ``RUN`` or ``RUN:CASE`` names; raises UsageError if there is none."""
        run, colon, case = text.partition(":")
        if not colon:
            return RunRef(self._read(text))
        found = self._read(run)
        return RunRef(found, find_case(found, case))

    def _read(self, name: str) -> Run:
        path = self._store.find_or_file(name)
        key = str(path.resolve())
        if key not in self._runs:
            self._runs[key] = read_run(path)
        return self._runs[key]


def find_case(run: Run, text: str) -> int:
    """Return the index in the plan of the case that `text` names.

    `text` is the case's number in the plan, from 1, or its place, in whole or in part, such as
    ``threads-2``.
    """
    cases = comparable(run.cases)
    if text.isascii() and text.isdecimal():
        if 1 <= int(text) <= len(cases):
            return cases[int(text) - 1][0]
        raise UsageError(f"run {run.run_id} has no case {text}: {_list(run)}")
    whole = [number for number, _, case in cases if _plain(case.place) == _plain(text)]
    part = [number for number, _, case in cases if _plain(text) in _plain(str(case))]
    for found in (whole, part):
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(_row(run, number) for number in found[:_MOST_LISTED])
            raise UsageError(
                f"'{text}' matches {len(found)} cases of run {run.run_id}; "
                f"use the number of one: {names}"
            )
    close = nearest(text, dict.fromkeys(case.place for _, _, case in cases))
    raise UsageError(f"run {run.run_id} has no case '{text}': {close}")


def _plain(text: str) -> str:
    """Normalise a place for comparison: ``threads × 2`` becomes ``threads-2``."""
    return "-".join(text.lower().replace("×", " ").replace("-", " ").split())


def _list(run: Run) -> str:
    cases = comparable(run.cases)
    listed = ", ".join(_row(run, number) for number, _, _ in cases[:_MOST_LISTED])
    more = f" and {len(cases) - _MOST_LISTED} more" if len(cases) > _MOST_LISTED else ""
    return f"choose from {listed}{more}"


def _row(run: Run, number: int) -> str:
    place = [one for one, _, _ in comparable(run.cases)].index(number) + 1
    return f"{place} ({run.cases[number][2]})"
