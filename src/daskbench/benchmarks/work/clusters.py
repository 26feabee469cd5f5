"""Clients and clusters that a user's code starts itself: found, refused, or counted."""

import ast
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import current_thread, main_thread
from typing import Any

_TOPS = ("distributed", "coiled")
_CLIENT, _CLUSTER = "Client", "Cluster"


def starts_of(source: str, first: int = 0, last: int = sys.maxsize) -> str | None:
    """Return the first client or cluster that Python source starts, as ``12: LocalCluster``.

    Only calls between the lines `first` and `last` count; the imports may be anywhere.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    names, modules = _imported(tree)
    found = [
        (node.lineno, name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and first <= node.lineno <= last
        if (name := _called(node.func, names, modules)) and _is_start(name)
    ]
    return "{}: {}".format(*min(found)) if found else None


def _imported(tree: ast.AST) -> tuple[dict[str, str], set[str]]:
    """Return the names that are imported from Dask's packages of clusters, and their modules."""
    names: dict[str, str] = {}
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {one.asname or one.name for one in node.names if _has_clusters(one.name)}
        elif isinstance(node, ast.ImportFrom) and _has_clusters(node.module or ""):
            names |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "dask":
            modules |= {o.asname or o.name for o in node.names if o.name == "distributed"}
    return names, modules


def _has_clusters(module: str) -> bool:
    top = module.partition(".")[0]
    return top in _TOPS or top.startswith("dask_") or module.startswith("dask.distributed")


def _called(function: ast.expr, names: dict[str, str], modules: set[str]) -> str:
    if isinstance(function, ast.Name):
        return names.get(function.id, "")
    is_ours = isinstance(function, ast.Attribute) and ast.unparse(function.value) in modules
    return function.attr if is_ours and isinstance(function, ast.Attribute) else ""


def _is_start(name: str) -> bool:
    return name == _CLIENT or name.endswith(_CLUSTER)


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Raise RuntimeError where the main thread starts a client or cluster within the context."""

    def refuse(one: Any, start: Any, args: Any, more: Any) -> None:
        if current_thread() is main_thread():
            raise RuntimeError(
                f"{name} starts a {type(one).__name__} of its own, so all schedulers would "
                "measure that: name a function that does not, or add --as-is"
            )
        start(one, *args, **more)

    with ExitStack() as stack:
        for kind in _kinds("Client", "deploy.cluster.Cluster"):
            stack.enter_context(_around(kind, refuse))
        yield


class Counted:
    """Counts the tasks of schedulers that start in this process (a plugin of theirs)."""

    def __init__(self) -> None:
        self.tasks = 0

    def transition(self, key: Any, start: str, finish: str, *_: Any, **__: Any) -> None:
        """Count a task when its worker reports its result."""
        self.tasks += start == "processing" and finish == "memory"


@contextmanager
def counted() -> Iterator[Counted]:
    """Count the tasks of distributed schedulers that start in this process within the context."""
    import distributed

    class Plugin(Counted, distributed.SchedulerPlugin):  # type: ignore[misc]
        name = "daskbench-counted"

    plugin = Plugin()

    def add(one: Any, start: Any, args: Any, more: Any) -> None:
        start(one, *args, **more)
        one.add_plugin(plugin)

    with ExitStack() as stack:
        for kind in _kinds("Scheduler"):
            stack.enter_context(_around(kind, add))
        yield plugin


def _kinds(*paths: str) -> Iterator[Any]:
    """Yield classes of distributed; none if it was not imported."""
    for path in paths:
        found: Any = sys.modules.get("distributed")
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not None:
            yield found


@contextmanager
def _around(kind: Any, what: Any) -> Iterator[None]:
    """Call `what` in place of a class's constructor."""
    start = kind.__init__
    kind.__init__ = lambda one, *args, **more: what(one, start, args, more)
    try:
        yield
    finally:
        kind.__init__ = start
