"""The reference that answers are compared with."""

from collections.abc import Callable
from typing import Any, NamedTuple

from daskbench.benchmarks.work.answers import difference


class Computed(NamedTuple):
    """An answer, and the number of tasks that it took; None if they were not counted."""

    answer: Any
    tasks: int | None


class Reference:
    """An answer computed once, when it is first needed."""

    is_random = False

    def __init__(self, name: str, compute: Callable[[], Computed], tolerance: float) -> None:
        self._compute, self._tolerance = compute, tolerance
        self._computed: Computed | None = None

    @property
    def tasks(self) -> int | None:
        """The number of tasks that the reference took."""
        return self._found().tasks

    def check(self, answer: Any) -> str | None:
        """Return what differs from the reference; None if nothing does."""
        return difference(answer, self._found().answer, self._tolerance)

    def _found(self) -> Computed:
        if self._computed is None:
            self._computed = self._compute()
        return self._computed
