"""Whether a function returns Dask collections, or computes by itself: found by calling it once."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import dask
from dask.callbacks import Callback

from daskbench.benchmarks import sharing
from daskbench.benchmarks.base import Whole
from daskbench.benchmarks.work.comparing.base import FAILURES
from daskbench.benchmarks.work.reference import without_client
from daskbench.benchmarks.work.structure import take_apart


class _Counter(Callback):  # type: ignore[misc]
    """Counts computes and tasks on Dask's single-machine schedulers."""

    def __init__(self) -> None:
        super().__init__()
        self.computes = self.tasks = 0

    def _start(self, *_: Any) -> None:
        self.computes += 1

    def _posttask(self, *_: Any) -> None:
        self.tasks += 1


class Nature(NamedTuple):
    """What a function does: None as `whole` if it only returns collections."""

    whole: Whole | None
    answer: Any = None


def nature_of(name: str, call: Callable[[], Any]) -> Nature:
    """Return what a function does, found by the first lane of a run; the answer, if it is known."""
    path = sharing.shared_path(name, ".nature")
    if path:
        with suppress(OSError, ValueError, TypeError):
            found = json.loads(path.read_text(encoding="utf-8"))
            return Nature(Whole(*found) if found else None)
    nature = _look(call)
    if path:
        sharing.write(path, json.dumps(nature.whole).encode())
    return nature


def _look(call: Callable[[], Any]) -> Nature:
    """Call a function synchronously, and see what it does.

    One that can't run so, as it needs a client, is taken to compute by itself.
    """
    try:
        with without_client(), dask.config.set(scheduler="synchronous"), _Counter() as counter:
            found, shape = take_apart(call())
            if found and not counter.tasks:
                return Nature(None)
            answer = shape.filled(dask.compute(*found))
    except FAILURES:
        return Nature(Whole(None, None))
    return Nature(Whole(counter.tasks or None, counter.computes or None), answer)
