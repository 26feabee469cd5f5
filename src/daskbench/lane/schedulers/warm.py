"""The process scheduler with a pool that lives, as ``dask.config.set(pool=...)`` allows."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, wait
from typing import Any

import dask
from dask.multiprocessing import initialize_worker_process

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.probes.blas import blas_info, blas_of
from daskbench.lane.protocol import Found
from daskbench.lane.schedulers.local import Processes


class WarmProcesses(Processes):
    """The same pool of spawned processes for every sample."""

    def open(self, benchmark: Benchmark) -> None:
        """Start the pool and wait until each of its processes has done something."""
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
        """Return the BLAS as found inside the pool."""
        return Found(workers=self.workers, blas=blas_of(self._blas[0].result()))

    def close(self) -> None:
        """End the pool."""
        self._pool.shutdown()


def _start_process(barrier: Any) -> None:
    """Wait for the other processes, so that the pool starts whole."""
    initialize_worker_process()
    barrier.wait()
