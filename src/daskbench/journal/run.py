"""A run as read from its journal: samples in columns, so that a million of them fit."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from daskbench.account import Accounted
from daskbench.events import (
    CaseFailed,
    Finished,
    Header,
    Identity,
    LaneStarted,
    Reading,
    Sample,
    SuiteFinished,
    Transfer,
    Unaccounted,
    WorkerEvent,
)
from daskbench.model import Case, Plan, Suite

if TYPE_CHECKING:
    import pandas as pd

Column = npt.NDArray[np.float64]

_ROUNDS_IN_A_SESSION = 2**40
_CASE = ("benchmark", "scheduler", "workers", "threads_per_worker", "memory_limit_bytes")
_COLUMNS = tuple(
    name
    for name in Sample.__struct_fields__
    if name not in ("case", "reason", "figures", "note", "transfers")
)
_TOLD = (*_COLUMNS, "reason", "note")
_PLACES = {name: place for place, name in enumerate(_COLUMNS)}
_VALUES = attrgetter(*_COLUMNS)
_MOST_PENDING = 100 * len(_COLUMNS)


class Rounds(NamedTuple):
    """Rounds in the order measured: what tells each from all others, its number, s per loop."""

    keys: Column
    rounds: Column
    seconds: Column

    @property
    def sessions(self) -> Column:
        """The session of each."""
        return self.keys // _ROUNDS_IN_A_SESSION


class Samples:
    """The samples of one case. Each field is a column of float64 in which NaN means: no figure."""

    def __init__(self) -> None:
        self._values = array("d")  # row by row, as one is read at a time
        self._pending: list[float | None] = []  # what is still to be put behind them
        self.reasons: dict[int, str] = {}
        self.notes: dict[int, str] = {}
        self.figures: dict[int, Mapping[str, float]] = {}
        self.transfers: dict[int, Sequence[Transfer]] = {}

    def append(self, sample: Sample) -> None:
        """Take in one more sample."""
        if sample.reason is not None:
            self.reasons[len(self)] = sample.reason
        if sample.note is not None:
            self.notes[len(self)] = sample.note
        if sample.figures:
            self.figures[len(self)] = sample.figures
        if sample.transfers:
            self.transfers[len(self)] = sample.transfers
        self._pending += _VALUES(sample)
        if len(self._pending) > _MOST_PENDING:
            self._settle()

    def _settle(self) -> None:
        """Take the values in, None as NaN: many at once, as NumPy is faster than a loop."""
        self._values.frombytes(np.array(self._pending, np.float64).tobytes())
        self._pending.clear()

    def __len__(self) -> int:
        return (len(self._values) + len(self._pending)) // len(_COLUMNS)

    def __getitem__(self, name: str) -> Column:
        self._settle()
        every: Column = np.frombuffer(self._values, dtype=np.float64)
        return every[_PLACES[name] :: len(_COLUMNS)].copy()

    @property
    def measured(self) -> npt.NDArray[np.bool_]:
        """Which samples count as repetitions: all but the warm-up."""
        return np.equal(self["warmup"], 0)

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """Which samples may be averaged: measured and proved."""
        counted: npt.NDArray[np.bool_] = self.measured & np.equal(self["valid"], 1)
        return counted

    @property
    def loop_s(self) -> Column:
        """Seconds per loop of every counted sample, from building to the answer."""
        return self.every_loop_s[self.counted]

    @property
    def every_loop_s(self) -> Column:
        """The same of all samples.

        Building counts: what Dask builds beforehand, calls in plain NumPy may do as they run.
        """
        seconds: Column = (self["build_s"] + self["wall_s"]) / self["loops"]
        return seconds

    def by_round(self) -> Rounds:
        """Return the rounds that have a counted sample.

        A round that was interrupted and resumed is two: what was measured before and after shares
        no moment, and so can't be paired. Two samples of a round are its geometric mean.
        """
        counted = self.counted
        rounds, seconds = self["round"][counted], self.loop_s
        keys = self["session"][counted] * _ROUNDS_IN_A_SESSION + rounds
        if not self["again"][counted].any():
            return Rounds(keys, rounds, seconds)
        keys, first, place, times = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        logs = np.bincount(place, np.log(seconds)) / times
        order = np.argsort(first)
        return Rounds(keys[order], rounds[first[order]], np.exp(logs[order]))

    def rows(self, taken: Iterable[str] = _TOLD) -> list[dict[str, Any]]:
        """Return every sample as a dict of plain values, in the order measured.

        A benchmark's own figures replace none of the names that are `taken`.
        """
        columns = {name: self[name] for name in _COLUMNS}
        return [
            {name: _plain(name, column[i]) for name, column in columns.items()}
            | {"reason": self.reasons.get(i), "note": self.notes.get(i)}
            | apart(self.figures.get(i, {}), taken)
            for i in range(len(self))
        ]


def apart(figures: Mapping[str, float], taken: Iterable[str]) -> dict[str, float]:
    """Return a benchmark's own figures under names that are not those of ours."""
    ours = {*taken}
    return {f"figure_{name}" if name in ours else name: one for name, one in figures.items()}


def _plain(name: str, value: float) -> bool | int | float | None:
    if np.isnan(value):
        return None
    if name in ("valid", "warmup", "again", "answer_ok"):
        return bool(value)
    return float(value) if name.endswith("_s") or name == "flops" else int(value)


@dataclass
class Run:
    """All that one journal holds."""

    path: Path
    header: Header
    samples: dict[int, Samples]
    lanes: dict[int, LaneStarted] = field(default_factory=dict)
    failures: dict[int, CaseFailed] = field(default_factory=dict)
    accounts: dict[int, list[Accounted]] = field(default_factory=dict)
    unaccounted: dict[int, Unaccounted] = field(default_factory=dict)
    readings: dict[int, list[Reading]] = field(default_factory=dict)
    happenings: dict[int, list[WorkerEvent]] = field(default_factory=dict)
    ended_suites: dict[str, SuiteFinished] = field(default_factory=dict)
    finished: Finished | None = None
    elapsed_s: float = 0.0
    whole_bytes: int = 0
    live: bool = False
    sessions: int = 1

    @property
    def run_id(self) -> str:
        """The name of the run, which is also its file's."""
        return self.header.run_id

    @property
    def plan(self) -> Plan:
        """What was to be measured."""
        return self.header.plan

    @property
    def environment(self) -> Mapping[str, Any]:
        """Where it was measured."""
        return self.header.environment

    @property
    def identities(self) -> dict[int, Identity]:
        """What acted in the lane of each case, where that is told."""
        return {number: lane.identity for number, lane in self.lanes.items() if lane.identity}

    @property
    def cases(self) -> list[tuple[int, Suite, Case]]:
        """The cases of the plan with their numbers and suites."""
        return self.plan.cases

    @property
    def status(self) -> str:
        """``running``, ``complete``, ``budget``, or ``interrupted`` (killed too)."""
        if self.live:
            return "running"
        return self.finished.reason if self.finished else "interrupted"

    def frame(self) -> "pd.DataFrame":
        """Return a DataFrame with one row a sample: the case, its parameters, then the sample."""
        import pandas as pd

        parameters = dict.fromkeys(key for _, _, case in self.cases for key in case.parameters)
        ours = [*_CASE, *parameters, *_TOLD]
        taken = {*ours, "suite", "run_id"}
        rows = [
            {name: getattr(case, name) for name in _CASE}
            | dict(case.parameters)
            | row
            | {"suite": suite.name, "run_id": self.run_id}
            for number, suite, case in self.cases
            for row in self.samples[number].rows(taken)
        ]
        figures = dict.fromkeys(name for row in rows for name in row if name not in taken)
        columns = [*ours, *figures, "suite", "run_id"]
        return pd.DataFrame(rows, columns=columns).convert_dtypes()
