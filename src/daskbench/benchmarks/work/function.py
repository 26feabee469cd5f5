"""The benchmark that is made of a user's own function."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from daskbench.benchmarks.base import (
    BenchmarkType,
    Compute,
    Evaluation,
    Parameter,
    Traits,
    Whole,
    WorkOptions,
)
from daskbench.benchmarks.targets import Found, Target
from daskbench.benchmarks.users import error_text
from daskbench.benchmarks.work.hooks import Hooks, takes_self, with_values
from daskbench.benchmarks.work.nature import Nature, nature_of
from daskbench.benchmarks.work.reference import SYNCHRONOUS, Computed, Reference
from daskbench.benchmarks.work.signature import Argument, arguments_of, defaults_of
from daskbench.benchmarks.work.structure import WHOLE, take_apart, used_up
from daskbench.errors import UsageError


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
        self._first: Any = None
        self._bound: dict[Any, Callable[..., Any]] = {}
        words = " ".join(f"{key}={word}" for key, word in parameters.items())
        self._name = f"{self.own.name} {words}"
        against = "the plain version" if self.own.hooks.plain else SYNCHRONOUS
        self._reference = Reference(self._name, self._compute, options.tolerance, against)

    def prepare(self, compute: Compute | None = None) -> None:
        """Call the user's ``setup``, once."""
        if self.own.hooks.setup and not self._is_set_up:
            self._call(self.own.hooks.setup)
        self._is_set_up = True

    def collection(self) -> Sequence[Any]:
        """Call the function, and return the collections in what it returns."""
        built = self._call(self.own.function)
        found, self._shape = take_apart(built)
        if not found:
            raise TypeError(
                f"{self.own.name} returned a {type(built).__name__} without any Dask collection"
            )
        return found

    @cached_property
    def _nature(self) -> Nature:
        nature = nature_of(self._name, lambda: self._call(self.own.function))
        self._first = nature.answer
        return nature._replace(answer=None)

    def whole(self) -> Whole | None:
        """Return what the function computes by itself; None if it only returns collections."""
        return self._nature.whole

    def run(self) -> Sequence[Any]:
        """Call the function, and compute what it returns besides what it computed by itself."""
        found, shape = take_apart(self._call(self.own.function))
        self._shape = WHOLE
        return [shape.filled(_computed(found))]

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Pass the answer to the user's ``check``, or else compare it with the reference."""
        value = self._shape.filled(answer)
        if check := self.own.hooks.check:
            return Evaluation(_verdict(lambda: self._call(check, value)))
        wrong = self._reference.check(value)
        return Evaluation(wrong, note=self._reference.note if self._reference.is_random else None)

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

    def _plainly(self) -> Any:
        """Return what the plain version returns, or yields."""
        assert self.own.hooks.plain
        return used_up(self._call(self.own.hooks.plain))

    def _compute(self) -> Computed:
        """Compute the reference: by the plain version, or synchronously."""
        import dask

        if self.own.hooks.plain:
            return Computed(self._plainly(), None)
        if self._first is not None:  # it has been computed already, to see what the function does
            answer, self._first = self._first, None
            return Computed(answer, None)
        with dask.config.set(scheduler="synchronous"):
            found, shape = take_apart(self._call(self.own.function))
            return Computed(shape.filled(_computed(found)), None)


class FunctionWithPlain(FunctionWork):
    """A function with a version that does the same without Dask."""

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return a call of the plain version."""
        self.prepare()
        self._shape = WHOLE
        return [self._plainly]


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


def function_type(
    target: Target, found: Found, hooks: Hooks, options: WorkOptions
) -> BenchmarkType:
    """Return the benchmark that measures a function. Raises UsageError if that is impossible."""
    name, function = target.shown, found.thing
    if inspect.iscoroutinefunction(function):
        raise UsageError(f"{name} is asynchronous; wrap it in a function that calls asyncio.run")
    home = found.home if takes_self(found.home, function) else None
    arguments: dict[str, Argument] = {}
    defaults: dict[str, Any] = {}
    for part in (home, partial(function, None)) if home else (function,):  # without self
        arguments |= {key: one for key, one in arguments_of(name, part).items() if key != "seed"}
        defaults |= defaults_of(name, part)
    members = {
        "parameters": {key: one.parameter for key, one in arguments.items()},
        "own": Own(name, function, home, arguments, defaults, hooks, options),
        "__module__": found.module.__name__,
    }
    base = FunctionWithPlain if hooks.plain else FunctionWork
    return cast(BenchmarkType, type(target.name.rpartition(".")[2], (base,), members))
