"""The accounts of a case together: core-seconds of one loop by cause, and what instruments cost."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean

import numpy as np

from daskbench.account import CAUSES, Accounted, Cause
from daskbench.journal.run import Column, Run
from daskbench.stats.estimate import Estimate, difference
from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result

#: Causes that are the work itself; all others could be avoided in principle.
_WORK: tuple[Cause, ...] = ("computing", "own")


@dataclass(frozen=True)
class CaseAccount:
    """Where the time of a case's threads went, in the mean of its valid accounts.

    Core-seconds and bytes are of one loop. `slower` is the ratio of the times with instruments on
    to those without, None if there are too few of either.
    """

    result: Result
    accounts: Sequence[Accounted]
    slower: Ratio | None

    @property
    def label(self) -> str:
        """The label of its row."""
        return self.result.label

    @property
    def threads(self) -> int:
        """The threads of all workers together."""
        return self.accounts[0].threads

    @cached_property
    def whole_s(self) -> float:
        """What was paid for: wall time × threads."""
        return self._per_loop(lambda one: one.whole_s)

    @cached_property
    def causes(self) -> dict[Cause, float]:
        """The core-seconds of every cause."""
        return {
            cause: mean(one.causes.get(cause, 0.0) / one.loops for one in self.accounts)
            for cause in CAUSES
        }

    @property
    def unexplained_s(self) -> float:
        """What the causes lack of the whole; negative if they are more."""
        return self.whole_s - sum(self.causes.values())

    @property
    def build_s(self) -> float:
        """The seconds of building the collections, part of *graph* on every thread."""
        return self._per_loop(lambda one: one.build_s)

    @property
    def system_s(self) -> float:
        """The CPU time in the kernel, of that inside tasks."""
        return self._per_loop(lambda one: one.system_s)

    @property
    def critical_path_s(self) -> float:
        """The seconds of the longest chain of tasks that need each other."""
        return self._per_loop(lambda one: one.critical_path_s)

    @property
    def tasks(self) -> float:
        """The number of tasks that the instruments saw."""
        return self._per_loop(lambda one: one.tasks)

    @property
    def moved_bytes(self) -> float:
        """What went between processes."""
        return self._per_loop(lambda one: one.moved_bytes)

    @property
    def spilled_bytes(self) -> float:
        """What was written to disk for lack of memory."""
        return self._per_loop(lambda one: one.spilled_bytes)

    @property
    def gil_s(self) -> float | None:
        """Of waiting, the most that can be for the GIL; None where that was not measured."""
        if any(one.gil_s is None for one in self.accounts):
            return None
        return self._per_loop(lambda one: one.gil_s or 0.0)

    @property
    def beside_s(self) -> float | None:
        """Of waiting, the most that can be for what tasks started; None if not known."""
        if any(one.beside_s is None for one in self.accounts):
            return None
        return self._per_loop(lambda one: one.beside_s or 0.0)

    @property
    def sees_cores(self) -> bool:
        """Whether the system tells for how long tasks waited for a core."""
        return all(one.sees_cores for one in self.accounts)

    @property
    def throttled_s(self) -> float:
        """For how long CPU quotas throttled processes."""
        return self._per_loop(lambda one: one.throttled_s)

    def _per_loop(self, figure: Callable[[Accounted], float]) -> float:
        """Return the mean of a figure of each account, of one loop."""
        return mean(figure(one) / one.loops for one in self.accounts)

    @property
    def notes(self) -> list[str]:
        """What its instruments noted, of notes that differ in their figures alone the first."""
        found: dict[str, str] = {}
        for note in (note for one in self.accounts for note in one.notes):
            found.setdefault(re.sub(r"[\d.e+-]+", "", note), note)
        return [*found.values()]

    def share(self, cause: Cause) -> float:
        """Return the part of the whole that a cause took."""
        return self.causes[cause] / self.whole_s if self.whole_s else 0.0

    @property
    def avoidable(self) -> Cause:
        """The cause that took most beside the work itself."""
        return max((one for one in CAUSES if one not in _WORK), key=self.causes.__getitem__)


def accounts_of(run: Run, results: Iterable[Result]) -> list[CaseAccount]:
    """Return the accounts of the results that have valid ones."""
    found = []
    for result in results:
        valid = [one for one in run.accounts.get(result.number, ()) if one.valid]
        if valid:
            with_s = np.array([one.loop_s for one in valid])
            slower = _slower(with_s, run.samples[result.number].loop_s)
            found.append(CaseAccount(result, valid, slower))
    return found


def _slower(seconds: Column, without: Column) -> Ratio | None:
    """Return the ratio of two sets of samples, of shape (n,) each, by Welch's interval."""
    if min(len(seconds), len(without)) < 2:
        return None
    log = difference(*(_mean(np.log(side)) for side in (seconds, without)))
    found = log.interval()
    value, low, high = np.exp([log.value, found.low, found.high])
    return Ratio(float(value), float(low), float(high), 0, 1)


def _mean(values: Column) -> Estimate:
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(float(values.mean()), error, len(values) - 1)
