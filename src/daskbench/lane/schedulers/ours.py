"""dask.distributed on a cluster elsewhere that is there for this run alone.

Source: https://docs.dask.org/en/stable/deploying.html
"""

from contextlib import AbstractContextManager, nullcontext
from copy import copy
from time import monotonic, sleep
from typing import Any, Self

from daskbench import ranks
from daskbench.benchmarks.base import Benchmark
from daskbench.lane.causes import Explained
from daskbench.lane.probes import resting
from daskbench.lane.protocol import Open
from daskbench.lane.schedulers.distributed import Distributed
from daskbench.units import counted, format_seconds

#: As long as a LocalCluster is waited for, whose workers may be paused by their memory.
_REST_S, _AGAIN_S = 60.0, 0.005


class Ours(Distributed):
    """A client of such a cluster. Its tasks are not restricted to the workers in use: others rest.

    The first of them are used, by address.
    """

    def __init__(self, case: Open) -> None:
        super().__init__(case)
        self._first = case.workers
        self.asked = case.held or case.workers

    def part(self, case: Open) -> Self:
        """Return this scheduler for another case, on as many of the workers as that asks for."""
        other = copy(self)
        other.notes, other._first = [], case.workers
        other.nthreads = other._chosen()
        return other

    def _choose_workers(self) -> dict[str, int]:
        self._wait_for(self.asked or 1)
        self.every: dict[str, int] = dict(sorted(self.client.nthreads().items()))
        return self._chosen()

    def _chosen(self) -> dict[str, int]:
        return dict([*self.every.items()][: self._first or self.asked])

    def prepare(self, benchmark: Benchmark) -> None:
        """Run the benchmark's own `prepare` on the workers in use."""
        self._let_others_rest()
        super().prepare(benchmark)

    def _check_workers(self) -> None:
        super()._check_workers()
        self._let_others_rest()

    def _let_others_rest(self) -> None:
        """Let exactly the workers in use take tasks. Raises Explained if they don't."""
        deadline, used = monotonic() + _REST_S, {*self.nthreads}
        if self._running() == used:
            return
        self.client.run(resting.rest, used=[*used])
        while (found := self._running()) != used:
            if monotonic() > deadline:
                paused = counted(len(used - found), "worker")
                raise Explained(f"{paused} stayed paused for {format_seconds(_REST_S)}")
            sleep(_AGAIN_S)

    def _running(self) -> set[str]:
        """Return the workers that take tasks, also those that came later."""
        found: list[str] = self.client.run_on_scheduler(resting.running)
        return {*found}

    @property
    def _where(self) -> dict[str, Any]:
        return {"scheduler": self.client}

    def default(self) -> AbstractContextManager[Any]:
        """Do nothing, as a client is Dask's default."""
        return nullcontext()


class OfRanks(Ours):
    """A client of the scheduler and the workers that are ranks of a launcher."""

    def __init__(self, case: Open) -> None:
        super().__init__(case)
        if started := ranks.started():
            self.asked = started.workers  # all, as those that come later would not rest
