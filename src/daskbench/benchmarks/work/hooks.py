"""Functions beside a user's own, which daskbench finds by name: none of them is required."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from daskbench.benchmarks.pickled import SESSION
from daskbench.benchmarks.targets import Found, Target
from daskbench.benchmarks.work.signature import called_with

#: Names of the version without Dask.
_PLAIN = ("plain", "numpy")


@dataclass(frozen=True)
class Hooks:
    """The functions beside a user's own, None where there is none."""

    plain: Callable[..., Any] | None = None
    setup: Callable[..., Any] | None = None
    teardown: Callable[..., Any] | None = None
    check: Callable[..., Any] | None = None


def hooks_of(target: Target, found: Found) -> Hooks:
    """Return the functions in the same module, or for a method in the same class.

    ``build_check`` belongs to ``build`` alone, ``check`` to all functions there.
    """
    own = target.name.rpartition(".")[2]

    def named(*names: str) -> Callable[..., Any] | None:
        both = [*(f"{own}_{name}" for name in names), *names]
        return next(filter(None, (_function(found, name) for name in both)), None)

    return Hooks(named(*_PLAIN), named("setup"), named("teardown"), named("check"))


def _function(found: Found, name: str) -> Callable[..., Any] | None:
    """Return a function that was defined there: ``numpy`` is usually the imported package.

    Of what travelled from a session, all was.
    """
    thing = getattr(found.home, name, None)
    if thing is found.thing or not (inspect.isfunction(thing) or inspect.ismethod(thing)):
        return None
    if takes_self(found.home, thing) and not takes_self(found.home, found.thing):
        return None
    return thing if found.module.__name__ in (thing.__module__, SESSION) else None


def takes_self(home: Any, function: Any) -> bool:
    """Whether a function of the class `home` is a method, which takes an instance first."""
    if not inspect.isclass(home) or not inspect.isfunction(function):
        return False
    return inspect.getattr_static(home, function.__name__, None) is function


def with_values(
    function: Callable[..., Any], values: Mapping[str, Any], after: int = 0
) -> Callable[..., Any]:
    """Return a function with those of the parameters that it takes, `after` its first ones."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C
        return function
    left = list(signature.parameters.values())[after:]
    args, kwargs = called_with(signature.replace(parameters=left), values)
    return lambda *first: function(*first, *args, **kwargs)
