"""Queries to a benchmark's class in this process: a built-in one, or a user's in the helper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

from daskbench.asking.subject import Declaration, Declared, Drawn, Value
from daskbench.benchmarks import find_benchmark
from daskbench.benchmarks.base import (
    SHIPPED,
    Benchmark,
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
from daskbench.benchmarks.declared import create, parameters_of, problem_of_value
from daskbench.benchmarks.drawing import Drawable, draw, draw_as_it_is
from daskbench.benchmarks.users import error_text
from daskbench.errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True)
class Direct:
    """A subject with the class itself."""

    name: str
    kind: BenchmarkType

    @classmethod
    def find(cls, name: str) -> Self:
        """Load the class. Raises UsageError if it is not a valid benchmark."""
        found = cls(name, find_benchmark(name))
        _ = found.parameters
        return found

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters, validated."""
        return parameters_of(self.name, self.kind)

    @property
    def traits(self) -> Traits:
        """The class's traits. Raises UsageError if they are not `Traits`."""
        declared = self.kind.traits if isinstance(self.kind, HasTraits) else Traits()
        if not isinstance(declared, Traits):
            raise UsageError(f"{self.name}: traits is a {type(declared).__name__}, not Traits")
        placed, plain = hasattr(self.kind, "place"), hasattr(self.kind, "calls")
        return replace(declared, placed=placed, plain=plain)

    def declaration(self) -> Declaration:
        """Return parameters and traits as data."""
        return Declaration({name: _data(one) for name, one in self.parameters.items()}, self.traits)

    def read(self, parameter: str, word: object) -> Value:
        """Parse a command-line word, or a value of a file, by the parameter's ``read``."""
        read = self.parameters[parameter].read
        assert read
        return self._value(parameter, "read", lambda: read(word), f" of {word!r}")

    def derive(self, parameter: str, others: Parameters) -> Value:
        """Return the default of a parameter for these values of the others."""
        derive = self.parameters[parameter].derive
        assert derive
        return self._value(parameter, "derive", lambda: derive(others), "")

    def check(self, parameters: Parameters) -> None:
        """Create an instance, which raises UsageError if the parameters contradict each other."""
        self._create(parameters)

    def needs(self, parameters: Parameters, *, in_numpy: bool, threads: int) -> Needs | None:
        """Return the benchmark's memory needs; None if it can't estimate them."""
        benchmark = self._create(parameters)
        if not isinstance(benchmark, HasNeeds):
            return None
        found = self._call("needs", lambda: benchmark.needs(in_numpy=in_numpy, threads=threads))
        if not isinstance(found, Needs) or not all(_is_size(value) for value in _values(found)):
            raise self._invalid_result("needs", found, "Needs, with bytes that are not negative")
        return Needs(*map(int, _values(found)))

    def place(
        self, parameters: Parameters, limit_bytes: int | None, thresholds: Mapping[str, float]
    ) -> Place:
        """Return the workers that the benchmark requires."""
        benchmark = self._create(parameters)
        assert isinstance(benchmark, HasPlace)
        found = self._call("place", lambda: benchmark.place(limit_bytes, thresholds))
        if not isinstance(found, Place) or not _is_place(found):
            raise self._invalid_result(
                "place", found, "a Place: counts from 1, thresholds from 0 to 1"
            )
        return found

    def tasks(self, parameters: Parameters) -> int | None:
        """Count the tasks of the first graph; None if it can't be built."""
        from daskbench.lane.probes.tasks import count_tasks
        from daskbench.lane.work import collections_of

        benchmark = self._create(parameters)
        keep = isinstance(benchmark, Keeps) and benchmark.keeps
        try:
            return count_tasks(collections_of(benchmark), keep=keep)
        except Exception:
            return None  # its rows will say why

    def draw(self, parameters: Parameters, seed: int, path: str) -> Drawn | None:
        """Draw the graph: the benchmark's own drawing, or what it builds; None without Dask."""
        benchmark = create(self.name, self.kind, parameters, seed)
        if isinstance(benchmark, Drawable):
            return Drawn(*self._call("drawing its graph", lambda: draw(benchmark, Path(path))))
        if not hasattr(benchmark, "collection"):
            return None
        return Drawn(*self._call("drawing its graph", lambda: _drawn(benchmark, Path(path))))

    def _create(self, parameters: Parameters) -> Any:
        return create(self.name, self.kind, parameters, seed=0)

    def _call(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except UsageError:
            raise
        except BaseException as error:
            raise UsageError(f"{self.name}: {what} failed: {error_text(error)}") from error

    def _value(self, parameter: str, what: str, ask: Callable[[], Value], of: str) -> Value:
        found = self._call(f"parameters[{parameter!r}].{what}{of}", ask)
        if (wrong := problem_of_value(found)) is not None:
            where = f"parameters[{parameter!r}].{what}{of}"
            raise UsageError(f"{self.name}: {where} is {wrong}")
        return found

    def _invalid_result(self, what: str, found: object, right: str) -> UsageError:
        shown = found if isinstance(found, Needs | Place) else f"a {type(found).__name__}"
        return UsageError(f"{self.name}: {what} returned {shown}; it must return {right}")


def _drawn(benchmark: Benchmark, path: Path) -> tuple[bytes, str]:
    """Draw what a benchmark builds, after it has prepared its data synchronously."""
    from daskbench.lane.work import built_synchronously

    with built_synchronously(benchmark) as collections:
        return draw_as_it_is(collections, path)


def _data(one: Parameter) -> Declared:
    reads, derives = one.read is not None, one.derive is not None
    return Declared(
        one.default,
        one.help,
        one.choices,
        one.metavar,
        one.variant,
        one.sweep,
        reads,
        derives,
        one.optional,
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
