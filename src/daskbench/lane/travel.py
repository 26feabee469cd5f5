"""Code that the workers of somebody else's cluster can't import, and so must be sent along."""

import copyreg
import functools
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any

import cloudpickle

from daskbench.benchmarks import users


def let_travel(name: str) -> None:
    """Make what the module `name` defines travel by value, in every pickle from here on.

    Dask pickles by reference where it can, whatever cloudpickle was told; but what says that it
    is from ``__main__``, and is not found there, goes by value, as it does from a notebook.
    Source: ``distributed.protocol.pickle.dumps``.
    """
    copyreg.pickle(functools._lru_cache_wrapper, _reduce_cached)
    for thing in list(vars(sys.modules[name]).values()):
        parts = list(vars(thing).values()) if isinstance(thing, type) else []
        for part in [*map(_function_of, [*parts, thing]), thing]:
            if getattr(part, "__module__", None) == name:
                part.__module__ = "__main__"


def _function_of(part: Any) -> Any:
    """Return the function behind a method, a class method, a property or a cache."""
    for name in ("__func__", "fget", "__wrapped__"):
        part = getattr(part, name, part)
    return part


def _reduce_cached(cached: Any) -> Any:
    """Pickle a function with a cache: as that function and an empty cache, where it travels."""
    if cached.__module__ != "__main__":
        return cached.__qualname__
    return _cache_again, (cached.__wrapped__, cached.cache_parameters())


def _cache_again(function: Any, parameters: dict[str, Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def send_code(client: Any, benchmark: str, ours: Sequence[str]) -> bool:
    """Let our code travel to a cluster of somebody else's; return whether it lacks a benchmark.

    `benchmark` is the module of what is measured; the modules `ours` run on schedulers and workers,
    and always travel: the cluster may have an older daskbench. So does a user's own, with all that
    came from beside it: what the cluster has under such a name may be something else.
    """
    for name in (*ours, __name__):
        cloudpickle.register_pickle_by_value(sys.modules[name])
    if users.is_users(benchmark):
        _let_all_travel([benchmark, *users.beside()])
        return True
    has = client.run(_has_module, benchmark)
    has["scheduler"] = client.run_on_scheduler(_has_module, benchmark)
    if benchmark == "__main__" or all(has.values()):
        return False
    ours_too = [name for name in sys.modules if name.startswith("daskbench.benchmarks.")]
    _let_all_travel([benchmark, *ours_too])
    return True


def _let_all_travel(names: Iterable[str]) -> None:
    for name in dict.fromkeys(names):
        let_travel(name)


def _has_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False
