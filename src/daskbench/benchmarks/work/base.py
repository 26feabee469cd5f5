"""The interface of users' own work, beside that of all benchmarks."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable


@dataclass(frozen=True)
class WorkOptions:
    """Options of a user's own function or script.

    Answers may differ from the reference by the relative `tolerance`; `plain` names the version
    without Dask, as ``FILE.py:NAME``. With `keep`, results stay where they are computed; None if
    only large ones do. With `as_is` it may start clients and clusters of its own.
    """

    tolerance: float = 1e-9
    plain: str = ""
    keep: bool | None = None
    as_is: bool = False


class Whole(NamedTuple):
    """What a work that computes by itself does: tasks and computes, None if unknown.

    With `anywhere` it may choose its schedulers itself.
    """

    tasks: int | None
    computes: int | None
    anywhere: bool = False


@runtime_checkable
class Runs(Protocol):
    """A benchmark that may compute by itself, on the scheduler that is Dask's default then."""

    def whole(self) -> Whole | None:
        """Return what `run` does; None if `collection` and `proceed` are to be used instead."""
        ...

    def run(self) -> Any:
        """Do all of the work, and return the answer; this is timed."""
        ...

    @property
    def tasks_elsewhere(self) -> int:
        """How many tasks the last `run` ran on clusters that it started itself."""
        ...
