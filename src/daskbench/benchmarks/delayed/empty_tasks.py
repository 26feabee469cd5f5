"""Tasks that do next to nothing: what remains is Dask's overhead per task.

Or tasks that do something known: use CPU time, sleep, or return bytes. The last task gathers the
results, as for every collection. The graph is made of Dask's own tasks, as those of arrays and
dataframes are, rather than of Delayed objects: of 100,000 of these the client alone takes minutes
to make one graph.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar
from uuid import uuid4

from daskbench.benchmarks.base import Graph, Known, Parameter, Parameters
from daskbench.benchmarks.delayed.loads import (
    Load,
    first,
    gather,
    loaded_first,
    loaded_step,
    number_of,
)
from daskbench.benchmarks.delayed.shapes import SHAPES, WIDE, shape_of, step
from daskbench.errors import UsageError
from daskbench.units import parse_bytes, parse_seconds

_LEAST_TASKS, _MOST_TASKS = 2, 10**7
#: The longest that all tasks together may be busy or asleep.
_LONGEST_S = 86_400.0


def _read(parse: Callable[[str], float]) -> Callable[[object], str]:
    """Return a parser of a time or size that is kept as text; 0 is none."""

    def read(value: object) -> str:
        text = str(value).strip()
        return text if text not in ("", "0") and parse(text) else ""

    return read


class EmptyTasks:
    """Dask's overhead per task: empty tasks in a wide, chain-, tree- or grid-shaped graph."""

    parameters: ClassVar = {
        "tasks": Parameter(
            1000, "Number of tasks, including the last one, which gathers the results."
        ),
        "shape": Parameter(
            WIDE,
            "wide: independent tasks; chain: each depends on the one before; tree: on two others; "
            "grid: square, each depends on its neighbours in the layer above.",
            SHAPES,
        ),
        "busy": Parameter(
            "",
            "CPU time that each task uses, without the GIL.",
            read=_read(parse_seconds),
            metavar="TIME,...",
        ),
        "sleep": Parameter(
            "", "Time that each task sleeps.", read=_read(parse_seconds), metavar="TIME,..."
        ),
        "returns": Parameter(
            "",
            "Size of an array that each task returns beside its number.",
            read=_read(parse_bytes),
            metavar="SIZE,...",
        ),
    }

    def __init__(
        self, tasks: int, shape: str, seed: int, busy: str = "", sleep: str = "", returns: str = ""
    ) -> None:
        del seed  # nothing is random
        if not _LEAST_TASKS <= tasks <= _MOST_TASKS:
            raise UsageError(
                f"--tasks {tasks:,} is out of range: use {_LEAST_TASKS} to {_MOST_TASKS:,}"
            )
        self.cells = tasks - 1
        self.shape = shape_of(shape, self.cells)
        self.load = load_of({"busy": busy, "sleep": sleep, "returns": returns})
        if (whole_s := self.cells * (self.load.busy_s + self.load.sleep_s)) > _LONGEST_S:
            raise UsageError(
                f"{tasks:,} tasks of --busy {busy or 0} and --sleep {sleep or 0} take "
                f"{whole_s / 3600:.0f} hours; use fewer or shorter ones"
            )

    @property
    def _calls(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """What tasks without and with dependencies call."""
        if self.load == Load():
            return first, step
        return partial(loaded_first, self.load), partial(loaded_step, self.load)

    def collection(self) -> Sequence[Any]:
        """Return the last task, with new keys."""
        from dask._task_spec import Task, TaskRef
        from dask.delayed import Delayed

        name, (start, follow) = f"empty-{uuid4().hex}", self._calls
        keys = [f"{name}-{number}" for number in range(self.cells)]
        references = [TaskRef(key) for key in keys]
        graph = {}
        for number, key in enumerate(keys):
            above = self.shape.above(number)
            needs = references[above.start : above.stop]
            graph[key] = Task(key, follow, *needs) if needs else Task(key, start, number)
        graph[name] = Task(name, gather, *references[-self.shape.ends :])
        return [Delayed(name, graph)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same functions as calls for a plain loop."""
        values, (start, follow) = [0] * self.cells, self._calls

        def call(number: int) -> None:
            above = self.shape.above(number)
            needs = values[above.start : above.stop]
            values[number] = number_of(follow(*needs) if needs else start(number))

        cells = (partial(call, number) for number in range(self.cells))
        return [*cells, lambda: gather(*values[-self.shape.ends :])]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the results of the last tasks, which depend on all others."""
        found, ends = answer[-1], self.shape.ends
        if len(found) != ends:
            return f"{len(found)} results instead of {ends}"
        wrong = sum(a != b for a, b in zip(found, self._right, strict=True))
        return f"{wrong} of {ends} results are wrong" if wrong else None

    @cached_property
    def _right(self) -> list[int]:
        return self.shape.right()


def load_of(parameters: Parameters) -> Load:
    """Return the load of each task; raises UsageError if it is no time or size."""
    busy, sleep, returns = (str(parameters.get(n, "")) for n in ("busy", "sleep", "returns"))
    return Load(
        parse_seconds(busy) if busy else 0.0,
        parse_seconds(sleep) if sleep else 0.0,
        parse_bytes(returns) if returns else 0,
    )


def graph_of(parameters: Parameters) -> Graph:
    """Return what the graph consists of."""
    tasks, load = int(parameters["tasks"]), load_of(parameters)
    shape = shape_of(str(parameters.get("shape", WIDE)), tasks - 1)
    return Graph(
        tasks=tasks,
        dependencies=shape.dependencies,
        steps=shape.steps + 1,
        handed_bytes=(shape.dependencies + shape.ends) * load.nbytes,
        work_s=(tasks - 1) * load.busy_s,
    )


KNOWN = Known(same_calls=True, graph=graph_of)
