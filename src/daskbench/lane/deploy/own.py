"""A cluster that a class or function of the user's makes."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from daskbench.benchmarks.targets import find, target_of
from daskbench.errors import UsageError
from daskbench.lane.causes import Explained
from daskbench.lane.deploy.base import Deployment


class Own(Deployment):
    """What ``package.module:Class`` or ``FILE.py:NAME`` returns when it is called with the options.

    Arguments named `n_workers`, `threads_per_worker` and `memory_limit` get the values of the case;
    a cluster without `n_workers` is scaled.
    """

    def start(self) -> Any:
        """Call it; raises Explained if it returns no cluster."""
        make = self._find()
        arguments = self._arguments(make)
        cluster = make(**arguments)
        _check(cluster, self.shown)
        if self.case.workers and "n_workers" not in arguments:
            _scale(cluster, self.case.workers)
        return cluster

    def _find(self) -> Callable[..., Any]:
        target = target_of(self.kind)
        try:
            assert target
            found: Callable[..., Any] = find(target).thing
        except UsageError as error:
            raise Explained(str(error)) from error
        return found

    def _arguments(self, make: Callable[..., Any]) -> dict[str, Any]:
        """Return the options, and what the case asks for under the names that are known."""
        case, known = self.case, _parameters(make)
        asked = {
            "n_workers": case.workers,
            "threads_per_worker": case.threads_per_worker,
            "memory_limit": case.memory_limit_bytes,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        for name in given.keys() - known.keys() - {"n_workers"}:
            raise Explained(
                f"{self.shown} has no argument {name}, so --{name.replace('_', '-')} does not "
                "apply: set what it has instead by --cluster-option"
            )
        return {**self.options, **{name: given[name] for name in given if name in known}}


def _parameters(make: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(make).parameters
    except (TypeError, ValueError):  # of C code
        return {}


def _check(cluster: Any, kind: str) -> None:
    is_cluster = callable(getattr(cluster, "close", None)) and hasattr(cluster, "scheduler_address")
    if getattr(cluster, "asynchronous", False) or (inspect.isawaitable(cluster) and not is_cluster):
        raise Explained(f"{kind} returned something to await: leave out asynchronous=True")
    if is_cluster:
        return
    what = type(cluster).__name__
    hint = "; return its cluster" if what == "Client" else ""
    raise Explained(f"{kind} returned a {what}, not a cluster of Dask's{hint}")


def _scale(cluster: Any, workers: int) -> None:
    """Set the number of workers, where the cluster can; otherwise its first ones are used."""
    if getattr(cluster, "_supports_scaling", True) and callable(getattr(cluster, "scale", None)):
        cluster.scale(workers)
