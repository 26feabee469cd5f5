"""The process scheduler with a persistent pool (``dask.config.set(pool=...)``)."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, wait
from typing import Any

import dask
from dask.multiprocessing import initialize_worker_process

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.probes.blas import blas_info, blas_of
from daskbench.lane.protocol import Found
from daskbench.lane.schedulers.local import LocalScheduler, Processes


class WarmProcesses(LocalScheduler):
    """A pool of spawned processes, reused for all samples."""

    name = Processes.name

    def open(self, benchmark: Benchmark) -> None:
        """Start the pool and wait until each of its processes has run a task."""
        assert self.workers is not None
        context = multiprocessing.get_context(dask.config.get("multiprocessing.context", "spawn"))
        barrier = context.Barrier(self.workers)
        self._pool = ProcessPoolExecutor(
            self.workers, context, initializer=_start_process, initargs=(barrier,)
        )
        self._blas = [self._pool.submit(blas_info) for _ in range(self.workers)]
        wait(self._blas)
        dask.config.set(pool=self._pool)
        super().open(benchmark)

    def describe(self) -> Found:
        """Return the workers and their BLAS."""
        return Found(workers=self.workers, blas=blas_of(self._blas[0].result()))

    def close(self) -> None:
        """Shut down the pool."""
        self._pool.shutdown()


def _start_process(barrier: Any) -> None:
    """Initialize a pool process, and wait until all have started."""
    initialize_worker_process()
    barrier.wait()
