"""When the tasks of a graph were ready, and what no number of threads could shorten."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from daskbench.lane.accounting.facts import Compute, Task


class Placed(NamedTuple):
    """A task, when all that it needs was there, and how many tasks are at its level.

    The level is the number of tasks in the longest chain that ends with it.
    """

    task: Task
    ready: float
    width: int


def placed(compute: Compute) -> Iterator[Placed]:
    """Yield every task with when it was ready, and the width of its level."""
    ended = {task.number: task.stop for task in compute.tasks}
    levels = _levels(compute)
    widths = Counter(levels.values())
    for task in compute.tasks:
        needs = [ended[number] for number in task.needs if number in ended]
        ready = min(max([compute.known, *needs]), task.start)
        yield Placed(task, ready, widths[levels[task.number]])


def _levels(compute: Compute) -> dict[int, int]:
    levels: dict[int, int] = {}
    for task in sorted(compute.tasks, key=lambda one: one.start):  # what it needs came before
        levels[task.number] = 1 + max((levels.get(number, 0) for number in task.needs), default=0)
    return levels


def critical_path_s(compute: Compute) -> float:
    """Return the seconds of the longest chain of tasks that need each other."""
    until: dict[int, float] = {}
    for task in sorted(compute.tasks, key=lambda one: one.start):
        before = max((until.get(number, 0.0) for number in task.needs), default=0.0)
        until[task.number] = before + task.stop - task.start
    return max(until.values(), default=0.0)
