"""Names of options that no cluster has, and of interfaces that this machine hasn't."""

import inspect
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from daskbench.errors import nearest
from daskbench.lane.causes import Explained

Options = Mapping[str, Any]
Makers = Iterable[Callable[..., Any]]
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
#: Tables of options, and the classes of distributed that take them; those of others are unknown.
_SERVERS = {"worker_options": ("Nanny", "Worker"), "scheduler_options": ("Scheduler",)}
_OF_OTHERS = {"worker_class", "scheduler_cls"}


def check_names(kind: str, options: Options, makers: Makers) -> None:
    """Raise Explained for an option that none of the functions and classes has as an argument."""
    known = {
        name
        for make in makers
        for name, one in inspect.signature(make).parameters.items()
        if one.kind in _NAMED
    }
    for name in options:
        if name not in known:
            raise Explained(f"{kind}: no option '{name}': {nearest(name, sorted(known))}")


def check_servers(kind: str, options: Options) -> None:
    """Raise Explained for an option that Dask's scheduler or its workers don't have."""
    for table, names in _SERVERS.items():
        inside = options.get(table) or {}
        if not isinstance(inside, Mapping):
            raise Explained(f"{kind}: {table}={inside}: write {table}.KEY=VALUE")
        if inside and not _OF_OTHERS & options.keys():
            # SSHCluster starts so many with the same options.
            others = {key: value for key, value in inside.items() if key != "n_workers"}
            check_names(f"{kind}: {table}", others, _classes(names))


def check_local(options: Options) -> None:
    """Raise Explained for an option that neither LocalCluster nor its workers have."""
    from distributed import LocalCluster

    if not _OF_OTHERS & options.keys():
        check_names("local", options, (LocalCluster, *_classes(("Nanny", "Worker"))))


def without_interface(name: str) -> str:
    """Say why nothing can listen at a network interface of this machine; empty if it can."""
    known = [known for _, known in socket.if_nameindex()]
    if name in known:
        return ""
    return f"this machine has no interface '{name}': {nearest(name, known)}"


def _classes(names: Iterable[str]) -> list[Callable[..., Any]]:
    """Return classes of distributed with their bases, to which they pass arguments on."""
    import distributed

    return [one for name in names for one in getattr(distributed, name).__mro__[:-1]]
