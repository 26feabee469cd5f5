"""Pickling of code by value, for external clusters whose workers can't import it."""

import copyreg
import functools
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any

import cloudpickle

from daskbench import cgroups, resources, secrecy
from daskbench.benchmarks import users
from daskbench.lane.probes import (
    blas,
    clocks,
    configuration,
    gil,
    hosts,
    identity,
    memory,
    resting,
    times,
    watch,
)

_PROBES = (watch, memory, blas, configuration, hosts, identity, resting, times, clocks, gil)
#: Modules that run on schedulers and workers, with what they import of ours.
OURS = [module.__name__ for module in (*_PROBES, secrecy, resources, cgroups)]

#: The module that summarises large results of users' functions, on workers.
_SUMMARIES = "daskbench.benchmarks.work.summaries"


def pickle_by_value(name: str) -> None:
    """Pickle all definitions of the module `name` by value from now on.

    Dask prefers pickling by reference, regardless of cloudpickle's registry, except for
    definitions of ``__main__`` that can't be found there, like those of a notebook.
    Source: ``distributed.protocol.pickle.dumps``.
    """
    copyreg.pickle(functools._lru_cache_wrapper, _reduce_cached)
    for thing in list(vars(sys.modules[name]).values()):
        parts = list(vars(thing).values()) if isinstance(thing, type) else []
        for part in [*map(_function_of, [*parts, thing]), thing]:
            if getattr(part, "__module__", None) == name:
                part.__module__ = "__main__"


def _function_of(part: Any) -> Any:
    """Unwrap a method, class method, property or cached function."""
    for name in ("__func__", "fget", "__wrapped__"):
        part = getattr(part, name, part)
    return part


def _reduce_cached(cached: Any) -> Any:
    """Reduce a cached function, by value as the function with an empty cache."""
    if cached.__module__ != "__main__":
        return cached.__qualname__
    return _cache_again, (cached.__wrapped__, cached.cache_parameters())


def _cache_again(function: Any, parameters: dict[str, Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def send_code(client: Any, benchmark: str, ours: Sequence[str]) -> bool:
    """Pickle code by value for an external cluster; return whether that includes the benchmark.

    Always sent are the modules `ours`, which run on schedulers and workers, as the cluster may have
    an older daskbench, and a user's `benchmark` module with its neighbours, as the cluster may have
    other modules of that name. A built-in `benchmark` module is sent if the cluster lacks it.
    """
    for name in (*ours, __name__):
        cloudpickle.register_pickle_by_value(sys.modules[name])
    if users.is_users(benchmark):
        ours_in_tasks = [_SUMMARIES] if _SUMMARIES in sys.modules else []
        _let_all_travel([benchmark, *users.beside(), *ours_in_tasks])
        return True
    if benchmark == "__main__":  # that of a script or session, which travels by value anyway
        return False
    has = client.run(_has_module, benchmark)
    has["scheduler"] = client.run_on_scheduler(_has_module, benchmark)
    if all(has.values()):
        return False
    ours_too = [name for name in sys.modules if name.startswith("daskbench.benchmarks.")]
    _let_all_travel([benchmark, *ours_too])
    return True


def send_with_note(client: Any, benchmark: str, ours: Sequence[str]) -> list[str]:
    """Do so, and return a note about it, if the benchmark is sent."""
    if not send_code(client, benchmark, ours):
        return []
    lacking = "this file" if users.is_users(benchmark) else "daskbench"
    return [f"the cluster lacks {lacking}, so its functions are sent with each task"]


def _let_all_travel(names: Iterable[str]) -> None:
    for name in dict.fromkeys(names):
        pickle_by_value(name)


def _has_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False
