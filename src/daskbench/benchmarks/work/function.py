"""The benchmark that is made of a user's own function."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, cast

from daskbench.benchmarks.base import (
    BenchmarkType,
    Compute,
    Evaluation,
    Parameter,
    Traits,
)
from daskbench.benchmarks.targets import Found, Target
from daskbench.benchmarks.users import error_text
from daskbench.benchmarks.work import clusters
from daskbench.benchmarks.work.base import Whole, WorkOptions
from daskbench.benchmarks.work.clusters import starts_of
from daskbench.benchmarks.work.hooks import Hooks, takes_self, with_values
from daskbench.benchmarks.work.kept import is_bag
from daskbench.benchmarks.work.nature import Nature, nature_of
from daskbench.benchmarks.work.proof import Proof, marked
from daskbench.benchmarks.work.script import ARGUMENTS, Script
from daskbench.benchmarks.work.signature import Argument, arguments_of, defaults_of
from daskbench.benchmarks.work.structure import WHOLE, Shape, take_apart, used_up
from daskbench.errors import UsageError

_COLLECTED = "--keep has no effect, as the function computes by itself"
_CHECKED = "answers checked by the function 'check' beside it"


@dataclass(frozen=True)
class Own:
    """A user's function, with its parameters, their defaults, and the functions beside it.

    For a method, `home` is the class of which an instance is made first.
    """

    name: str
    function: Callable[..., Any]
    home: type | None
    arguments: Mapping[str, Argument]
    defaults: Mapping[str, Any]
    hooks: Hooks
    options: WorkOptions

    def instance(self, values: Mapping[str, Any]) -> Any:
        """Return a new instance of the class of a method; None for a function."""
        return with_values(self.home, values)() if self.home else None

    def bound(self, function: Callable[..., Any], instance: Any) -> Callable[..., Any]:
        """Return a method bound to the instance; other functions unchanged."""
        return partial(function, instance) if takes_self(self.home, function) else function


class FunctionWork:
    """A function, called for every sample.

    The Dask collections that it returns are computed together. One that computes by itself is
    measured as a whole.
    """

    parameters: ClassVar[Mapping[str, Parameter]]
    own: ClassVar[Own]
    traits: ClassVar = Traits(takes_options=True)

    def __init__(self, *, seed: int, **parameters: Any) -> None:
        del seed
        arguments, options = self.own.arguments, self.own.options
        given = {key: arguments[key].value(word) for key, word in parameters.items()}
        self._values = {**self.own.defaults, **given}
        self._shape, self._is_set_up = WHOLE, False
        self.tasks_elsewhere = 0
        self._bound: dict[Any, Callable[..., Any]] = {}
        words = " ".join(f"{key}={word}" for key, word in parameters.items())
        self._name = f"{self.own.name} {words}"
        self._built: Sequence[Any] | None = None
        self._are_bags: Sequence[bool] = ()
        plain = self._plainly if self.own.hooks.plain else None
        self._proof = Proof(self._name, options, self._build, plain)

    def prepare(self, compute: Compute | None = None) -> None:
        """Call the user's ``setup``, once."""
        if self.own.hooks.setup and not self._is_set_up:
            self._call(self.own.hooks.setup)
        self._is_set_up = True

    def collection(self) -> Sequence[Any]:
        """Call the function, and return the collections in what it returns."""
        found, self._shape = self._build()
        if not found:
            kind = type(self._shape.outline).__name__
            raise TypeError(f"{self.own.name} returned a {kind} without any Dask collection")
        self._are_bags = [is_bag(one) for one in found]
        if self._proof.is_undecided:
            self._built = found  # until it is decided
        return found

    @property
    def keeps(self) -> bool:
        """Whether results stay where they are computed."""
        built, self._built = self._built, None
        return self._proof.keeps(built)

    @cached_property
    def _nature(self) -> Nature:
        nature = nature_of(self._name, self._build, lambda: self.tasks_elsewhere)
        if nature.answer is not None:
            self._proof.offer(nature.answer)
        return nature._replace(answer=None)

    def whole(self) -> Whole | None:
        """Return what the function computes by itself; None if it only returns collections."""
        whole = self._nature.whole
        if whole and self.own.options.as_is:
            return whole._replace(computes=None, anywhere=True)
        return whole

    def run(self) -> Sequence[Any]:
        """Call the function, and compute what it returns besides what it computed by itself."""
        found, shape = self._build()
        self._shape, self._are_bags = WHOLE, [False]
        return [shape.filled(_computed(found))]

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Pass the answer to the user's ``check``, or else compare it with the reference."""
        if check := self.own.hooks.check:
            value = self._shape.filled(answer)
            return Evaluation(wrong=_verdict(lambda: self._call(check, value)), note=_CHECKED)
        if self.keeps and not self.whole():
            return self._proof.account_kept(answer, self._shape, compute)
        found = self._proof.account(self._shape.filled(marked(answer, self._are_bags)))
        if self.own.options.keep and self.whole():
            return replace(found, note=f"{found.note}; {_COLLECTED}")
        return found

    def finish(self) -> None:
        """Call the user's ``teardown``."""
        if self.own.hooks.teardown and self._is_set_up:
            self._call(self.own.hooks.teardown)

    @cached_property
    def _instance(self) -> Any:
        return self.own.instance(self._values)

    def _call(self, function: Callable[..., Any], *first: Any) -> Any:
        """Call the function or one beside it, with those of the parameters that it takes."""
        if function not in self._bound:
            bound = self.own.bound(function, self._instance)
            self._bound[function] = with_values(bound, self._values, after=len(first))
        return self._bound[function](*first)

    def _build(self) -> tuple[Sequence[Any], Shape]:
        """Call the function itself, which may start no cluster unless it is measured as it is."""
        if not self.own.options.as_is:
            with clusters.refused(self.own.name):
                return take_apart(self._call(self.own.function))
        with clusters.counted() as counted:
            built = take_apart(self._call(self.own.function))
        self.tasks_elsewhere = counted.tasks
        return built

    def _plainly(self) -> Any:
        """Return what the plain version returns, or yields."""
        assert self.own.hooks.plain
        return used_up(self._call(self.own.hooks.plain))


class FunctionWithPlain(FunctionWork):
    """A function with a version that does the same without Dask."""

    _is_plain = False

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return a call of the plain version."""
        self.prepare()
        self._shape, self._is_plain = WHOLE, True
        return [self._plainly]

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Check an answer of either version."""
        if self._is_plain and not self.own.hooks.check:
            return self._proof.account_plain(answer[0])
        return super().account(answer, compute)


def _computed(collections: Sequence[Any]) -> Sequence[Any]:
    """Compute collections, if there are any, on Dask's default scheduler."""
    import dask

    values: Sequence[Any] = dask.compute(*collections) if collections else ()
    return values


def _verdict(check: Callable[[], Any]) -> str | None:
    """Return what a user's ``check`` says is wrong: None and True are right."""
    try:
        said = check()
    except AssertionError as error:
        return error_text(error)
    if said is None or isinstance(said, str):
        return said
    if type(said).__name__ in ("bool", "bool_"):  # NumPy's too
        return None if said else "check returned False"
    raise TypeError(f"check returned a {type(said).__name__}; return None, True, False or a string")


def _starts(target: Target, function: Any) -> str | None:
    """Return where a function or script starts a client or cluster of its own, as ``FILE:12``."""
    try:
        if isinstance(function, Script):
            file, first, last = function.path, 0, sys.maxsize
        else:
            code = inspect.unwrap(function).__code__
            file, first = Path(code.co_filename), code.co_firstlineno
            last = max(line for _, _, line in code.co_lines() if line)
        found = starts_of(file.read_text(encoding="utf-8"), first, last)
    except Exception:  # no source, or no function of Python's
        return None
    return f"{file.name}:{found}" if found else None


def _parameters(
    name: str, function: Any, home: type | None
) -> tuple[dict[str, Argument], dict[str, Any]]:
    """Return the parameters that can be options, and the defaults of all, by name."""
    if isinstance(function, Script):
        return dict(ARGUMENTS), {}
    arguments: dict[str, Argument] = {}
    defaults: dict[str, Any] = {}
    for part in (home, partial(function, None)) if home else (function,):  # without self
        arguments |= {key: one for key, one in arguments_of(name, part).items() if key != "seed"}
        defaults |= defaults_of(name, part)
    return arguments, defaults


def function_type(
    target: Target, found: Found, hooks: Hooks, options: WorkOptions
) -> BenchmarkType:
    """Return the benchmark that measures a function. Raises UsageError if that is impossible."""
    name, function = target.shown, found.thing
    if inspect.iscoroutinefunction(function):
        raise UsageError(f"{name} is asynchronous; wrap it in a function that calls asyncio.run")
    home = found.home if takes_self(found.home, function) else None
    arguments, defaults = _parameters(name, function, home)
    starts = _starts(target, function)
    members = {
        "traits": Traits(takes_options=True, starts=starts),
        "parameters": {key: one.parameter for key, one in arguments.items()},
        "own": Own(name, function, home, arguments, defaults, hooks, options),
        "__module__": found.module.__name__,
    }
    base = FunctionWithPlain if hooks.plain else FunctionWork
    return cast(BenchmarkType, type(target.name.rpartition(".")[2], (base,), members))
