"""The run that a suite belongs to, and the lanes that it has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol

from daskbench.conductor.machine import Machine
from daskbench.conductor.ports import Activity, L, Lanes, Progress, Report
from daskbench.events import Event
from daskbench.model import Plan


class Session(Protocol[L]):
    """The run that a suite belongs to."""

    plan: Plan
    lanes: Lanes[L]
    machine: Machine
    tick: Callable[[], None]
    note: Callable[[Event], None]
    before: Progress
    report: Report | None
    digest_key: str | None
    show: Callable[[Activity], None]

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        ...


@dataclass
class Ready(Generic[L]):
    """A lane that gives samples."""

    lane: L
    launch: int
    loops: int


@dataclass
class Starting(Generic[L]):
    """A lane that is opening its case, and when it was started."""

    lane: L
    start_s: float
