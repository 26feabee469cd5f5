"""Code that the processes of a pool or a cluster can't import, and so must be sent along."""

import sys


def let_travel(name: str) -> None:
    """Make what the module `name` defines travel by value, in every pickle from here on.

    Dask pickles by reference where it can, whatever cloudpickle was told; but what says that it
    is from ``__main__``, and is not found there, goes by value, as it does from a notebook.
    Source: ``distributed.protocol.pickle.dumps``.
    """
    for thing in list(vars(sys.modules[name]).values()):
        if getattr(thing, "__module__", None) == name:
            thing.__module__ = "__main__"
