"""Code that the processes of a pool or a cluster can't import, and so must be sent along."""

import sys
from typing import Any


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
