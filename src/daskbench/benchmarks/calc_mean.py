"""The lesson's first workload: means of normally distributed random numbers.

Source: "Dask (II)", where ``calc_mean(i, n)`` is computed for i in 0..99 with n = 100000.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Known, Lock, Parameter, Parameters, Traits
from daskbench.errors import UsageError
from daskbench.units import counted, two_digits

#: No scheduler can hold a graph of more tasks; more numbers would take days.
_MOST_TASKS, _MOST_NUMBERS = 10**7, 10**15
LEGACY, GENERATOR = "legacy", "generator"


def calc_mean(_i: int, n: int) -> np.floating[Any]:
    """Return the mean of `n` numbers from NumPy's legacy generator (the lesson's function)."""
    return np.mean(np.random.normal(size=n))


def calc_mean_generator(i: int, n: int, seed: int) -> np.floating[Any]:
    """Return the mean of `n` numbers from a new Generator, seeded by `seed` and `i`."""
    return np.mean(np.random.default_rng([seed, i]).normal(size=n))


class CalcMean:
    """Means of ``n`` standard normal numbers each, as many as ``tasks``."""

    traits: ClassVar = Traits(scaling=True)
    parameters: ClassVar = {
        "n": Parameter(100_000, "Random numbers per task."),
        "tasks": Parameter(
            100, "Number of tasks; each computes the mean of its own random numbers."
        ),
        "rng": Parameter(
            LEGACY,
            "legacy: np.random.normal, with one lock per process, as in the lesson; "
            "generator: a seeded Generator per task.",
            (LEGACY, GENERATOR),
        ),
    }

    def __init__(self, n: int, tasks: int, rng: str, seed: int) -> None:
        if tasks > _MOST_TASKS:
            raise UsageError(f"--tasks {tasks:,} is too many; choose up to {_MOST_TASKS:,}")
        if n * tasks >= _MOST_NUMBERS:
            raise UsageError(f"--n {n:,} in {counted(tasks, 'task')} is too many; use fewer")
        self.n, self.tasks, self.rng, self.seed = n, tasks, rng, seed
        self._last: frozenset[float] = frozenset()
        self._reference: list[float] | None = None

    def collection(self) -> Sequence[Any]:
        """Return `tasks` Delayed objects with new keys."""
        from dask import delayed

        if self.rng == GENERATOR:
            return [delayed(calc_mean_generator)(i, self.n, self.seed) for i in range(self.tasks)]
        return [delayed(calc_mean)(i, self.n) for i in range(self.tasks)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same work as calls for a plain loop."""
        if self.rng == GENERATOR:
            return [partial(calc_mean_generator, i, self.n, self.seed) for i in range(self.tasks)]
        return [partial(calc_mean, i, self.n) for i in range(self.tasks)]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check that the means are exact (``generator``), or plausible and new (``legacy``)."""
        means = [float(mean) for mean in answer]
        if len(means) != self.tasks:
            return f"{len(means)} means instead of {self.tasks}"
        return self._check_exact(means) if self.rng == GENERATOR else self._check_random(means)

    def _check_exact(self, means: list[float]) -> str | None:
        if self._reference is None:
            self._reference = [float(call()) for call in self.calls()]
        wrong = sum(a != b for a, b in zip(means, self._reference, strict=True))
        return f"{wrong} of {self.tasks} means differ from NumPy's" if wrong else None

    def _check_random(self, means: list[float]) -> str | None:
        bound = 6 / math.sqrt(self.n)  # six standard errors: 2e-9 of correct means lie outside
        far = sum(not abs(mean) <= bound for mean in means)
        if far:
            return f"{far} of {self.tasks} means are further than 6/sqrt(n) = {bound:.2g} from 0"
        # Only the last sample's: memory must not grow with the number of samples, and a result
        # that was not released comes from the last one.
        old = len(self._last.intersection(means))
        self._last = frozenset(means)
        if old:
            return f"{old} of {self.tasks} means are from the previous sample"
        if len(set(means)) < len(means):
            return f"{len(means) - len(set(means))} of {self.tasks} means occur twice"
        return None


def _larger_tasks(parameters: Parameters, factor: float) -> str:
    n, tasks = parameters.get("n"), parameters.get("tasks")
    if not (isinstance(n, int) and isinstance(tasks, int) and tasks >= factor):
        return ""
    return f"--tasks {int(tasks / factor)} --n {two_digits(n * factor)}"


KNOWN = Known(
    lock=Lock("rng", LEGACY, GENERATOR, "np.random.normal"),
    same_calls=True,
    larger_tasks=_larger_tasks,
)
