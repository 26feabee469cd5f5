"""Queries to a user's benchmark in a helper process, so that its code never runs in the tool's."""

import atexit
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from daskbench.asking.child import FACTORY
from daskbench.asking.process import Helper
from daskbench.asking.subject import Declaration, Declared, Drawn, Question, Value
from daskbench.benchmarks.base import Needs, Parameter, Parameters, Place, Traits
from daskbench.benchmarks.targets import target_of
from daskbench.errors import UsageError

#: Time limits of a user's code: to be imported or answer, and to build a graph.
PATIENCE_S = 60.0
BUILDING_S = 600.0


class Remote:
    """A user's benchmark: its declaration, and queries to the process that holds its class."""

    def __init__(self, name: str) -> None:
        self.name = name
        declared = self._ask("declaration", Declaration)
        self.traits: Traits = declared.traits
        self.parameters: Mapping[str, Parameter] = {
            name: self._parameter(name, one) for name, one in declared.parameters.items()
        }

    def _parameter(self, name: str, one: Declared) -> Parameter:
        """Return a parameter whose functions call those in the helper."""
        return Parameter(
            one.default,
            one.help,
            one.choices,
            partial(self._read, name) if one.reads else None,
            one.metavar,
            one.variant,
            partial(self._derive, name) if one.derives else None,
            one.sweep,
            one.optional,
        )

    def _read(self, parameter: str, word: object) -> Value:
        found: Value = self._ask("read", Value, parameter=parameter, word=word)
        return found

    def _derive(self, parameter: str, others: Parameters) -> Value:
        found: Value = self._ask("derive", Value, parameter=parameter, others=dict(others))
        return found

    def check(self, parameters: Parameters) -> None:
        """Raise UsageError if the parameters contradict each other."""
        self._ask("check", None, parameters=dict(parameters))

    def needs(self, parameters: Parameters, *, in_numpy: bool, threads: int) -> Needs | None:
        """Return the benchmark's memory needs; None if it can't estimate them."""
        given: dict[str, Any] = {
            "parameters": dict(parameters),
            "in_numpy": in_numpy,
            "threads": threads,
        }
        found: Needs | None = self._ask("needs", Needs | None, **given)
        return found

    def place(
        self, parameters: Parameters, limit_bytes: int | None, thresholds: Mapping[str, float]
    ) -> Place:
        """Return the workers that the benchmark requires."""
        given: dict[str, Any] = {"parameters": dict(parameters), "limit_bytes": limit_bytes}
        found: Place = self._ask("place", Place, **given, thresholds=dict(thresholds))
        return found

    def tasks(self, parameters: Parameters) -> int | None:
        """Return the number of tasks of the first graph; None if it can't be built."""
        found: int | None = self._ask("tasks", int | None, BUILDING_S, parameters=dict(parameters))
        return found

    def draw(self, parameters: Parameters, seed: int, path: str) -> Drawn | None:
        """Draw the graph; None if the benchmark has no drawing."""
        given = {"parameters": dict(parameters), "seed": seed, "path": path}
        found: Drawn | None = self._ask("draw", Drawn | None, BUILDING_S, **given)
        return found

    def _ask(self, about: str, kind: Any, patience_s: float | None = None, **given: Any) -> Any:
        """Return the answer converted to `kind`. Raises UsageError if it does not fit."""
        target = target_of(self.name)
        assert target
        question = asdict(Question(self.name, about, given))
        answer = _helper(Path(target.place)).ask(question, patience_s or PATIENCE_S)
        try:
            return msgspec.convert(answer, kind)
        except msgspec.ValidationError as error:
            raise UsageError(f"{self.name}: its {about} is invalid: {error}") from error


def check_factory(name: str, **given: Any) -> None:
    """Raise UsageError unless a user's class or function can make a cluster.

    `given` are the arguments of `daskbench.asking.factory.check`.
    """
    target = target_of(name)
    assert target
    _helper(Path(target.place)).ask(asdict(Question(name, FACTORY, given)), PATIENCE_S)


_helpers: dict[Path, Helper] = {}


def _helper(path: Path) -> Helper:
    """Return the helper of a file or module, which serves all of its names and no other's."""
    if path not in _helpers or not _helpers[path].alive:
        _helpers[path] = Helper(path)
    return _helpers[path]


@atexit.register
def end_helpers() -> None:
    """End all helper processes."""
    while _helpers:
        _helpers.popitem()[1].end()
