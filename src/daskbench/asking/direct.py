"""Asking a benchmark's class in this process: one of ours, or in the helper a user's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

from daskbench.asking.subject import Declaration, Declared, Drawn, Value
from daskbench.benchmarks import find_benchmark
from daskbench.benchmarks.base import (
    SHIPPED,
    BenchmarkType,
    HasNeeds,
    HasPlace,
    HasTraits,
    Keeps,
    Needs,
    Parameter,
    Parameters,
    Place,
    Traits,
)
from daskbench.benchmarks.declared import made, parameters_of, problem_of_value
from daskbench.benchmarks.drawing import Drawable, draw
from daskbench.benchmarks.users import said
from daskbench.errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True)
class Direct:
    """The class itself."""

    name: str
    kind: BenchmarkType

    @classmethod
    def find(cls, name: str) -> Self:
        """Load the class. Raises UsageError where it can't be used."""
        found = cls(name, find_benchmark(name))
        _ = found.parameters
        return found

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters, checked."""
        return parameters_of(self.name, self.kind)

    @property
    def traits(self) -> Traits:
        """What the class tells; raises UsageError where that is something else."""
        declared = self.kind.traits if isinstance(self.kind, HasTraits) else Traits()
        if not isinstance(declared, Traits):
            raise UsageError(f"{self.name}: traits is a {type(declared).__name__}, not Traits")
        return replace(declared, placed=hasattr(self.kind, "place"))

    def declaration(self) -> Declaration:
        """Return all of that as data."""
        return Declaration({name: _data(one) for name, one in self.parameters.items()}, self.traits)

    def read(self, parameter: str, word: object) -> Value:
        """Read a word of the command line, or a value of a file, by a parameter's own function."""
        read = self.parameters[parameter].read
        assert read
        return self._value(parameter, "read", lambda: read(word), f" of {word!r}")

    def derive(self, parameter: str, others: Parameters) -> Value:
        """Return the default of a parameter where the others are these."""
        derive = self.parameters[parameter].derive
        assert derive
        return self._value(parameter, "derive", lambda: derive(others), "")

    def check(self, parameters: Parameters) -> None:
        """Make it and see."""
        self._made(parameters)

    def needs(self, parameters: Parameters, *, in_numpy: bool, threads: int) -> Needs | None:
        """Return what it holds."""
        benchmark = self._made(parameters)
        if not isinstance(benchmark, HasNeeds):
            return None
        found = self._asked("needs", lambda: benchmark.needs(in_numpy=in_numpy, threads=threads))
        if not isinstance(found, Needs) or not all(_is_size(value) for value in _values(found)):
            raise self._returned("needs", found, "Needs, with bytes that are not negative")
        return Needs(*map(int, _values(found)))

    def place(
        self, parameters: Parameters, limit_bytes: int | None, thresholds: Mapping[str, float]
    ) -> Place:
        """Return the workers that it wants."""
        benchmark = self._made(parameters)
        assert isinstance(benchmark, HasPlace)
        found = self._asked("place", lambda: benchmark.place(limit_bytes, thresholds))
        if not isinstance(found, Place) or not _is_place(found):
            raise self._returned("place", found, "a Place: counts from 1, thresholds from 0 to 1")
        return found

    def tasks(self, parameters: Parameters) -> int | None:
        """Count the tasks of its first graph, where that can be built."""
        from daskbench.lane.probes.tasks import count_tasks
        from daskbench.lane.work import collections_of

        benchmark = self._made(parameters)
        keep = isinstance(benchmark, Keeps) and benchmark.keeps
        try:
            return count_tasks(collections_of(benchmark), keep=keep)
        except Exception:
            return None  # its rows will say why

    def draw(self, parameters: Parameters, seed: int, path: str) -> Drawn | None:
        """Draw its graph."""
        benchmark = made(self.name, self.kind, parameters, seed)
        if not isinstance(benchmark, Drawable):
            return None
        return Drawn(*self._asked("drawing its graph", lambda: draw(benchmark, Path(path))))

    def _made(self, parameters: Parameters) -> Any:
        return made(self.name, self.kind, parameters, seed=0)

    def _asked(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except UsageError:
            raise
        except BaseException as error:
            raise UsageError(f"{self.name}: {what} failed: {said(error)}") from error

    def _value(self, parameter: str, what: str, ask: Callable[[], Value], of: str) -> Value:
        found = self._asked(f"parameters[{parameter!r}].{what}{of}", ask)
        if (wrong := problem_of_value(found)) is not None:
            where = f"parameters[{parameter!r}].{what}{of}"
            raise UsageError(f"{self.name}: {where} is {wrong}")
        return found

    def _returned(self, what: str, found: object, right: str) -> UsageError:
        shown = found if isinstance(found, Needs | Place) else f"a {type(found).__name__}"
        return UsageError(f"{self.name}: {what} returned {shown}; it must return {right}")


def _data(one: Parameter) -> Declared:
    reads, derives = one.read is not None, one.derive is not None
    return Declared(
        one.default, one.help, one.choices, one.metavar, one.way, one.sweep, reads, derives
    )


def _values(needs: Needs) -> list[Any]:
    return [getattr(needs, field.name) for field in fields(needs)]


def _is_size(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < 1 << 63


def _is_place(place: Place) -> bool:
    counts = (place.workers, place.threads_per_worker, place.memory_limit_bytes)
    thresholds = place.thresholds
    return (
        all(type(count) is int and 0 < count < 1 << 63 for count in counts)
        and isinstance(thresholds, Mapping)
        and thresholds.keys() <= {*SHIPPED, "recent_to_old_s"}
        and all(isinstance(part, int | float) and part >= 0 for part in thresholds.values())
        and all(thresholds.get(name, 0) <= 1 for name in SHIPPED)
    )
