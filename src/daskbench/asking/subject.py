"""The questions that the tool has for a benchmark before it is measured, and their answers' types.

The tool never has a user's class, nor an object of it: whatever it wants to know of one is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from daskbench.benchmarks.base import Needs, Parameter, Parameters, Place, Traits

Value = int | float | str


@dataclass(frozen=True)
class Drawn:
    """A graph as a picture, and a line that says what it shows."""

    picture: bytes
    told: str


class Subject(Protocol):
    """A benchmark that can be asked. Every method raises UsageError where its code fails."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, in the order in which they are shown."""
        ...

    @property
    def traits(self) -> Traits:
        """What the class tells."""
        ...

    def check(self, parameters: Parameters) -> None:
        """Raise UsageError where these don't go together."""
        ...

    def needs(self, parameters: Parameters, *, in_numpy: bool, threads: int) -> Needs | None:
        """Return what it holds; None where it can't tell."""
        ...

    def place(
        self, parameters: Parameters, limit_bytes: int | None, thresholds: Mapping[str, float]
    ) -> Place:
        """Return the workers that it wants."""
        ...

    def tasks(self, parameters: Parameters) -> int | None:
        """Return the tasks of its first graph; None where that can't be built here."""
        ...

    def draw(self, parameters: Parameters, seed: int, path: str) -> Drawn | None:
        """Draw its graph as what the path ends with; None where it has no drawing."""
        ...


@dataclass(frozen=True)
class Declared:
    """A parameter as it goes over a pipe: without its functions, but with whether it has them."""

    default: Value
    help: str
    choices: tuple[str, ...]
    metavar: str
    way: bool
    sweep: bool
    reads: bool
    derives: bool


@dataclass(frozen=True)
class Declaration:
    """All that a class declares."""

    parameters: dict[str, Declared]
    traits: Traits


@dataclass(frozen=True)
class Question:
    """One question: a method of `daskbench.asking.direct.Direct`, and its arguments by name."""

    benchmark: str
    about: str
    given: dict[str, Any]
