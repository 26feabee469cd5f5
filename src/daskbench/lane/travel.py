"""Code that the processes of a pool or a cluster can't import, and so must be sent along."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import cloudpickle


def let_travel(name: str) -> None:
    """Make what the module `name` defines travel by value, in every pickle from here on.

    Dask pickles by reference where it can, whatever cloudpickle was told; but what says that it
    is from ``__main__``, and is not found there, goes by value, as it does from a notebook.
    Source: ``distributed.protocol.pickle.dumps``.
    """
    for thing in list(vars(sys.modules[name]).values()):
        parts = list(vars(thing).values()) if isinstance(thing, type) else []
        for part in [*map(_function_of, parts), thing]:
            if getattr(part, "__module__", None) == name:
                part.__module__ = "__main__"


def _function_of(part: Any) -> Any:
    """Return the function behind a method, a class method or a property."""
    return getattr(part, "__func__", getattr(part, "fget", part))


def send_code(client: Any, benchmark: str, ours: Sequence[str]) -> bool:
    """Let our code travel to a cluster of somebody else's; return whether it lacks a benchmark.

    `benchmark` is the module of what is measured; the modules `ours` run on schedulers and workers,
    and always travel: the cluster may have an older daskbench.
    """
    for name in (*ours, __name__):
        cloudpickle.register_pickle_by_value(sys.modules[name])
    has = client.run(_has_module, benchmark)
    has["scheduler"] = client.run_on_scheduler(_has_module, benchmark)
    if benchmark == "__main__" or all(has.values()):
        return False
    benchmarks = [name for name in sys.modules if name.startswith("daskbench.benchmarks.")]
    for name in {benchmark, *benchmarks}:
        let_travel(name)
    return True


def _has_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False
