"""What a benchmark is. A user's own looks the same as ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a benchmark: its default, what it may be, and a line of help.

    `read` turns a word of the command line into the value; it raises UsageError. Without it the
    value is one of `choices`, or of the kind that the default is.
    """

    default: int | float | str
    help: str
    choices: tuple[str, ...] = ()
    read: Callable[[object], int | float | str] | None = None
    metavar: str = ""


class Benchmark(Protocol):
    """One workload, the same on every scheduler.

    An instance lives in a lane for the whole run, so `check` may remember earlier answers.
    It is made from its parameters and a `seed`, the same seed in every lane.
    """

    def collection(self) -> Sequence[Any]:
        """Build the Dask collections anew; they are computed together, in this order.

        New keys each time: computing the same collection again can meet the results of the
        last time before they are released, and then runs nothing.
        """
        ...

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the NumPy equivalent: calls for a plain loop, whose results are the answer."""
        ...

    def check(self, answer: Sequence[Any]) -> str | None:
        """Return None where the answer is right, else what is wrong with it."""
        ...


@runtime_checkable
class HasFigures(Protocol):
    """A benchmark whose answers are more or less exact, not just right or wrong."""

    def figures(self, answer: Sequence[Any]) -> Mapping[str, float]:
        """Return by name what is to stand beside the time, such as ``error``."""
        ...


class BenchmarkType(Protocol):
    """The class of a benchmark: what it takes, and how one is made."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, in the order in which they are shown."""
        ...

    def __call__(self, *, seed: int, **parameters: Any) -> Benchmark:
        """Make one."""
        ...
