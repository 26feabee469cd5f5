"""Shapes of graphs of equal tasks: which of them each task depends on.

Tasks are numbered so that each depends on earlier ones only. The results of the last ones, the
`ends`, are what one more task gathers.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

WIDE, CHAIN, TREE, GRID = "wide", "chain", "tree", "grid"
SHAPES = (WIDE, CHAIN, TREE, GRID)
_MODULUS = 1_000_003


def step(*above: int) -> int:
    """Return a number that depends on all values above, and on how many layers there were."""
    return (sum(above) + 1) % _MODULUS


@dataclass(frozen=True)
class Layers:
    """Layers of `width` tasks, each of which depends on up to three neighbours in the one above.

    A single layer is wide, a single column a chain. The last layer may be shorter.
    """

    cells: int
    width: int

    @property
    def ends(self) -> int:
        """The number of tasks whose results are gathered: one a column."""
        return self.width

    @property
    def steps(self) -> int:
        """The number of tasks on the longest path."""
        return -(-self.cells // self.width)

    @property
    def dependencies(self) -> int:
        """The number of dependencies between these tasks."""
        full, left = divmod(self.cells - self.width, self.width)
        return full * self._of_row(self.width) + self._of_row(left)

    def _of_row(self, length: int) -> int:
        return sum(len(self.above(self.width + column)) for column in range(length))

    def above(self, number: int) -> range:
        """Return the tasks that a task depends on; they are numbered layer by layer."""
        middle, column = number - self.width, number % self.width
        if middle < 0:
            return range(0)
        return range(middle - (column > 0), middle + (column < self.width - 1) + 1)

    def right(self) -> list[int]:
        """Return the right results of the ends, layer by layer in NumPy."""
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


@dataclass(frozen=True)
class Tree:
    """A binary tree, whose root is last: each task depends on up to two others.

    Counted from the root, the tasks are those of a binary heap.
    """

    cells: int

    @property
    def ends(self) -> int:
        """The root."""
        return 1

    @property
    def steps(self) -> int:
        """The number of levels."""
        return self.cells.bit_length()

    @property
    def dependencies(self) -> int:
        """Every task but the root has one that depends on it."""
        return self.cells - 1

    def above(self, number: int) -> range:
        """Return the tasks that a task depends on."""
        first = 2 * (self.cells - 1 - number) + 1
        last = min(first + 2, self.cells)
        return range(self.cells - last, self.cells - first) if first < last else range(0)

    def right(self) -> list[int]:
        """Return the right result of the root, level by level in NumPy."""
        values = self.cells - 1 - np.arange(2 * self.cells + 1)
        values[self.cells :] = 0
        parents = self.cells // 2
        for level in reversed(range(parents.bit_length())):
            heap = np.arange((1 << level) - 1, min((2 << level) - 1, parents))
            values[heap] = (values[2 * heap + 1] + values[2 * heap + 2] + 1) % _MODULUS
        return [int(values[0])]


Shape = Layers | Tree


def shape_of(name: str, cells: int) -> Shape:
    """Return the shape of that name with so many tasks."""
    if name == TREE:
        return Tree(cells)
    widths: dict[str, Any] = {WIDE: cells, CHAIN: 1, GRID: isqrt(cells)}
    return Layers(cells, widths[name])
