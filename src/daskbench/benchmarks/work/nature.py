"""Whether a function returns Dask collections, or computes by itself: found by calling it once."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import dask
from dask.callbacks import Callback

from daskbench.benchmarks import sharing
from daskbench.benchmarks.work.base import Whole
from daskbench.benchmarks.work.comparing.base import FAILURES
from daskbench.benchmarks.work.reference import without_client
from daskbench.benchmarks.work.structure import Shape

Build = Callable[[], tuple[Sequence[Any], Shape]]


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


def nature_of(name: str, build: Build, elsewhere: Callable[[], int] = lambda: 0) -> Nature:
    """Return what a function does, found by the first lane of a run; the answer, if it is known.

    `build` calls it; `elsewhere` tells how many tasks that ran on clusters of its own.
    """
    path = sharing.shared_path(name, ".nature")
    with sharing.made_once(path):
        if path:
            with suppress(OSError, ValueError, TypeError):
                found = json.loads(path.read_text(encoding="utf-8"))
                return Nature(Whole(*found) if found else None)
        nature = _look(build, elsewhere)
        if path:
            sharing.write(path, json.dumps(nature.whole).encode())
        return nature


def _look(build: Build, elsewhere: Callable[[], int]) -> Nature:
    """Call a function synchronously, and see what it does.

    One that can't run so, as it needs a client, is taken to compute by itself.
    """
    try:
        with without_client(), dask.config.set(scheduler="synchronous"), _Counter() as counter:
            found, shape = build()
            tasks = elsewhere()
            if found and not counter.tasks + tasks:
                return Nature(None)
            answer = shape.filled(dask.compute(*found))
    except FAILURES:
        return Nature(Whole(None, None))
    return Nature(Whole(counter.tasks + tasks or None, counter.computes or None), answer)
