"""The interfaces between the conductor and the outside world."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

from daskbench.events import Identity
from daskbench.journal.run import Samples
from daskbench.lane.protocol import Command, Message, Open
from daskbench.model import Side
from daskbench.processes.talk import TIMEOUT, Heard


class Lane(Protocol):
    """What the conductor needs of a lane. What it tells of itself is in `heard`."""

    peak_rss_bytes: int
    peak_pss_bytes: int | None
    heard: list[Heard]

    @property
    def doing(self) -> str:
        """The current activity that the lane reports; empty if none."""
        ...

    def begin(self, command: Open) -> None:
        """Let a lane that has just started open a case; `ask` then waits for its answer."""
        ...

    def ask(
        self, command: Command, timeout_s: float, tick: Callable[[], None], limit: str = TIMEOUT
    ) -> Message:
        """Send a command and wait for its unchecked answer.

        Raises LaneError, which names the limit.
        """
        ...

    def freeze(self) -> None:
        """Stop the lane's processes."""
        ...

    def thaw(self) -> None:
        """Let them continue."""
        ...


L = TypeVar("L", bound=Lane)


class Lanes(Protocol[L]):
    """Starts and ends lanes."""

    def start(self, blas_threads: int | None, side: Side) -> L:
        """Start a lane's process, with the interpreter and the environment of its side."""
        ...

    def end(self, lanes: Iterable[L]) -> None:
        """End these cleanly."""
        ...

    def kill(self, lane: L) -> None:
        """End this one at once."""
        ...


class Activity(NamedTuple):
    """The current activity: shown, but not written to the journal."""

    case: int
    phase: str


class Report(NamedTuple):
    """A case to take an extra sample of, with Dask's performance report written to a file."""

    case: int
    path: str


@dataclass
class Progress:
    """What earlier sessions of the same run have measured.

    `samples` are all that it took; `outcomes` are what experiments know of the cases that
    were begun. `identities` are what acted in the lanes, `accounts` how many there are.
    """

    samples: Mapping[int, Samples] = field(default_factory=dict)
    done: Mapping[int, frozenset[int]] = field(default_factory=dict)
    loops: Mapping[int, int] = field(default_factory=dict)
    launches: Mapping[int, int] = field(default_factory=dict)
    elapsed_s: float = 0.0
    session: int = 0
    outcomes: Mapping[int, int] = field(default_factory=dict)
    identities: Mapping[int, Identity] = field(default_factory=dict)
    accounts: Mapping[int, int] = field(default_factory=dict)
