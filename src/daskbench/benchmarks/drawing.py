"""A picture of a benchmark's task graph, drawn by ``dask.visualize``.

Source: https://docs.dask.org/en/stable/graphviz.html
"""

import shutil
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from daskbench.errors import UsageError

FORMATS = ("svg", "png", "pdf")
#: Tasks beyond which a drawing is illegible.
_LEGIBLE = 150
#: Tasks beyond which Graphviz takes long, and nobody finds anything in its drawing.
_DRAWABLE = 1_000


@runtime_checkable
class Drawable(Protocol):
    """A benchmark whose graph can be drawn, at its own size or a smaller one."""

    def drawing(self, chunks: int | None) -> tuple[Sequence[Any], str]:
        """Return collections and their description, with at most `chunks` chunks a dimension."""
        ...


def check_drawing(path: Path) -> None:
    """Raise UsageError, saying what to do, if a graph can't be drawn into the file `path`."""
    if path.suffix.removeprefix(".") not in FORMATS:
        raise UsageError(f"--graph {path}: name a file that ends in .{', .'.join(FORMATS)}")
    if find_spec("graphviz") is None:
        raise UsageError("--graph needs the Python package graphviz: pip install 'daskbench[look]'")
    if shutil.which("dot") is None:
        raise UsageError(
            "--graph needs Graphviz's program dot: apt install graphviz, "
            "brew install graphviz, or conda install graphviz"
        )


def draw(benchmark: Drawable, path: Path) -> tuple[bytes, str]:
    """Draw the graph in the format of `path`'s suffix; return the picture and a line of caption.

    A graph too large to read is drawn for fewer chunks.
    """
    collections, what = benchmark.drawing(None)
    tasks, smaller = _tasks(collections), ""
    chunks = 8
    while (shown := _tasks(collections)) > _LEGIBLE and chunks > 1:
        collections, less = benchmark.drawing(chunks)
        smaller, chunks = f", drawn for {less}, as {what} has too many to read", chunks // 2
    of = f" of {tasks:,}" if smaller else ""
    return _picture(collections, path), f"graph of {shown:,}{of} tasks in {path}{smaller}"


def draw_as_it_is(collections: Sequence[Any], path: Path) -> tuple[bytes, str]:
    """Draw the graph of Dask collections likewise. Raises UsageError if it is far too large."""
    if (tasks := _tasks(collections)) > _DRAWABLE:
        raise UsageError(
            f"--graph: {tasks:,} tasks are too many to read; set parameters so that there are up "
            f"to {_DRAWABLE:,}"
        )
    return _picture(collections, path), f"graph of {tasks:,} tasks in {path}"


def _picture(collections: Sequence[Any], path: Path) -> bytes:
    import dask

    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / f"graph{path.suffix}"
        dask.visualize(*collections, filename=str(whole.with_suffix("")), format=path.suffix[1:])
        return whole.read_bytes()


def _tasks(collections: Sequence[Any]) -> int:
    return len({key for one in collections for key in dict(one.__dask_graph__())})
