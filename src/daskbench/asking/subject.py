"""The queries to a benchmark before it is measured, and the types of their answers.

The tool's process never holds a user's class or an instance: all it knows of one comes from these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from daskbench.benchmarks.base import Needs, Parameter, Parameters, Place, Traits

Value = int | float | str


@dataclass(frozen=True)
class Drawn:
    """A picture of a graph, and a line of caption."""

    picture: bytes
    told: str


class Subject(Protocol):
    """A benchmark to query. Every method raises UsageError if the benchmark's code fails."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, in the order in which they are shown."""
        ...

    @property
    def traits(self) -> Traits:
        """The class's traits."""
        ...

    def check(self, parameters: Parameters) -> None:
        """Raise UsageError if the parameters contradict each other."""
        ...

    def needs(self, parameters: Parameters, *, in_numpy: bool, threads: int) -> Needs | None:
        """Return the benchmark's memory needs; None if it can't estimate them."""
        ...

    def place(
        self, parameters: Parameters, limit_bytes: int | None, thresholds: Mapping[str, float]
    ) -> Place:
        """Return the workers that the benchmark requires."""
        ...

    def tasks(self, parameters: Parameters) -> int | None:
        """Return the number of tasks of the first graph; None if it can't be built."""
        ...

    def draw(self, parameters: Parameters, seed: int, path: str) -> Drawn | None:
        """Draw the graph in the format of the path's suffix; None if it has none."""
        ...


@dataclass(frozen=True)
class Declared:
    """A parameter as sent over the pipe: flags in place of its functions."""

    default: Value
    help: str
    choices: tuple[str, ...]
    metavar: str
    variant: bool
    sweep: bool
    reads: bool
    derives: bool
    optional: bool = False


@dataclass(frozen=True)
class Declaration:
    """What a benchmark's class declares."""

    parameters: dict[str, Declared]
    traits: Traits


@dataclass(frozen=True)
class Question:
    """A call of a method of `daskbench.asking.direct.Direct`, with keyword arguments."""

    benchmark: str
    about: str
    given: dict[str, Any]
