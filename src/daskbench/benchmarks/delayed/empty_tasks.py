"""Tasks that do next to nothing: what remains is Dask's overhead per task.

A grid of tasks, each of which depends on up to three neighbours in the layer above it: a single
layer is `wide`, a single column `deep`. The last task gathers the results, as for every collection.
The graph is made of Dask's own tasks, as those of arrays and dataframes are, rather than of Delayed
objects: of 100,000 of these the client alone takes minutes to make one graph.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from math import isqrt
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np

from daskbench.benchmarks.base import Known, Parameter
from daskbench.errors import UsageError

_LEAST_TASKS, _MOST_TASKS = 2, 10**7
WIDE, DEEP, GRID = "wide", "deep", "grid"
_MODULUS = 1_000_003


def first(value: int) -> int:
    """Return a number, as a task of the first layer does."""
    return value


def step(*above: int) -> int:
    """Return a number that depends on all values above, and on how many layers there were."""
    return (sum(above) + 1) % _MODULUS


def gather(*values: int) -> list[int]:
    """Return the results of the last tasks, as the last task of all does."""
    return list(values)


class EmptyTasks:
    """Dask's overhead per task: empty tasks in a wide, a deep or a grid-shaped graph."""

    parameters: ClassVar = {
        "tasks": Parameter(1000, "Number of tasks, with the last one, which gathers the results."),
        "shape": Parameter(
            WIDE,
            "wide: independent tasks; deep: a chain; grid: square, each task depends on its "
            "neighbours in the layer above.",
            (WIDE, DEEP, GRID),
        ),
    }

    def __init__(self, tasks: int, shape: str, seed: int) -> None:
        del seed  # nothing is random
        if not _LEAST_TASKS <= tasks <= _MOST_TASKS:
            raise UsageError(
                f"--tasks {tasks:,} is out of range: use {_LEAST_TASKS} to {_MOST_TASKS:,}"
            )
        self.cells = tasks - 1
        self.width = {WIDE: self.cells, DEEP: 1, GRID: isqrt(self.cells)}[shape]

    def _above(self, number: int) -> range:
        """Return the tasks that a task depends on; they are numbered layer by layer."""
        middle, column = number - self.width, number % self.width
        if middle < 0:
            return range(0)
        return range(middle - (column > 0), middle + (column < self.width - 1) + 1)

    def collection(self) -> Sequence[Any]:
        """Return the last task, with new keys."""
        from dask._task_spec import Task, TaskRef
        from dask.delayed import Delayed

        name, width = f"empty-{uuid4().hex}", self.width
        keys = [f"{name}-{number}" for number in range(self.cells)]
        references = [TaskRef(key) for key in keys]
        graph = {key: Task(key, first, number) for number, key in enumerate(keys[:width])}
        for number in range(width, self.cells):
            above = self._above(number)
            graph[keys[number]] = Task(keys[number], step, *references[above.start : above.stop])
        graph[name] = Task(name, gather, *references[-width:])
        return [Delayed(name, graph)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same functions as calls for a plain loop."""
        values = [0] * self.cells

        def call(number: int) -> None:
            above = self._above(number)
            arguments = values[above.start : above.stop]
            values[number] = step(*arguments) if arguments else first(number)

        cells = (partial(call, number) for number in range(self.cells))
        return [*cells, lambda: gather(*values[-self.width :])]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the results of the last tasks, which depend on all others."""
        found = answer[-1]
        if len(found) != self.width:
            return f"{len(found)} results instead of {self.width}"
        wrong = sum(a != b for a, b in zip(found, self._right, strict=True))
        return f"{wrong} of {self.width} results are wrong" if wrong else None

    @cached_property
    def _right(self) -> list[int]:
        """The right results, layer by layer in NumPy; the last layer may be shorter."""
        row = np.arange(self.width)
        for start in range(self.width, self.cells, self.width):
            total = row.copy()
            total[1:] += row[:-1]
            total[:-1] += row[1:]
            length = min(self.width, self.cells - start)
            before, row = row, (total + 1) % _MODULUS
            if length < self.width:
                row = np.concatenate([before[length:], row[:length]])
        found: list[int] = row.tolist()
        return found


KNOWN = Known(same_calls=True, empty_tasks=True)
