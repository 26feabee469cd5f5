"""A cluster that a class or function of the user's makes."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from daskbench.benchmarks.targets import find, target_of
from daskbench.errors import UsageError
from daskbench.lane.causes import Explained
from daskbench.lane.deploy.base import Deployment
from daskbench.lane.protocol import Open

_MOST_NAMES = 24
#: Functions that return something else than what they say.
_NOT_NOW: Mapping[str, Callable[[Any], bool]] = {
    "an async function": inspect.iscoroutinefunction,
    "a generator": inspect.isgeneratorfunction,
    "an async generator": inspect.isasyncgenfunction,
}
#: States of clusters that can't be used any more.
_OVER = ("closing", "closed", "failed")


class Own(Deployment):
    """What ``package.module:Class`` or ``FILE.py:NAME`` returns when it is called with the options.

    Arguments named `n_workers`, `threads_per_worker` and `memory_limit` get the values of the case;
    a cluster without `n_workers` is scaled.
    """

    def start(self) -> Any:
        """Call it; raises Explained if it returns no cluster."""
        make = find_maker(self.kind)
        arguments = arguments_for(make, self.shown, self.options, asked_of(self.case))
        cluster = make(**arguments)
        with _closed_on_error(cluster):
            _check(cluster, self.shown)
            if self.case.workers and "n_workers" not in arguments:
                _scale(cluster, self.case.workers)
        return cluster


def asked_of(case: Open) -> dict[str, int]:
    """Return what a case asks of its workers, by the names that Dask's own classes have for it."""
    asked = {
        "n_workers": case.workers,
        "threads_per_worker": case.threads_per_worker,
        "memory_limit": case.memory_limit_bytes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def find_maker(name: str) -> Callable[..., Any]:
    """Import a user's class or function. Raises Explained, whatever importing it does."""
    target = target_of(name)
    assert target
    try:
        found: Callable[..., Any] = find(target).thing
    except UsageError as error:
        raise Explained(str(error)) from error
    if not callable(found):
        what = type(found).__name__
        raise Explained(f"{target.name} is a {what}, not a function or class that makes a cluster")
    for kind, is_one in _NOT_NOW.items():
        if is_one(found):
            raise Explained(f"{target.name} is {kind}: write a function that returns a cluster")
    return found


def arguments_for(
    make: Callable[..., Any], shown: str, options: Mapping[str, Any], asked: Mapping[str, int]
) -> dict[str, Any]:
    """Return the options, and what is asked for under the names that are known.

    Raises Explained if it can't be called with them.
    """
    known = _parameters(make)
    for name in asked.keys() - known.keys() - {"n_workers"}:
        raise Explained(
            f"{shown} has no argument {name}, so --{name.replace('_', '-')} does not "
            "apply: set what it has instead by --cluster-option"
        )
    arguments = {**options, **{name: asked[name] for name in asked if name in known}}
    _check_call(make, shown, arguments)
    return arguments


def _check_call(make: Callable[..., Any], shown: str, arguments: Mapping[str, Any]) -> None:
    """Raise Explained if a class or function does not take these arguments."""
    try:
        signature = inspect.signature(make)
    except (TypeError, ValueError):  # of C code
        return
    try:
        signature.bind(**arguments)
    except TypeError as error:
        names = [*signature.parameters]
        known = ", ".join([*names[:_MOST_NAMES], *(["..."] if len(names) > _MOST_NAMES else [])])
        raise Explained(f"{shown}: {error}; its arguments are: {known or 'none'}") from error


def _parameters(make: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(make).parameters
    except (TypeError, ValueError):  # of C code
        return {}


def _check(cluster: Any, kind: str) -> None:
    is_cluster = callable(getattr(cluster, "close", None)) and hasattr(cluster, "scheduler_address")
    if not is_cluster:
        what = type(cluster).__name__
        hint = "; return its cluster" if what == "Client" else ""
        raise Explained(f"{kind} returned a {what}, not a cluster of Dask's{hint}")
    if getattr(cluster, "asynchronous", False):
        raise Explained(f"{kind} returned something to await: leave out asynchronous=True")
    if state := over(cluster):
        raise Explained(f"{kind} returned a cluster that is {state}: return it without 'with'")


def over(cluster: Any) -> str:
    """Return the state of a cluster that can't be used any more; empty if it can, or is unknown."""
    state = str(getattr(getattr(cluster, "status", None), "name", ""))
    return state if state in _OVER else ""


@contextmanager
def _closed_on_error(made: Any) -> Iterator[None]:
    """Close what a class or function made, or its cluster, if that can't be used."""
    try:
        yield
    except BaseException:
        for one in (made, getattr(made, "cluster", None)):
            with suppress(Exception):
                if callable(close := getattr(one, "close", None)):
                    close()
        raise


def _scale(cluster: Any, workers: int) -> None:
    """Set the number of workers, where the cluster can; otherwise its first ones are used."""
    if getattr(cluster, "_supports_scaling", True) and callable(getattr(cluster, "scale", None)):
        cluster.scale(workers)
