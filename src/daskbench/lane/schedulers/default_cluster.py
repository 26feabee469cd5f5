"""``LocalCluster()`` as it comes: Dask chooses workers and threads.

Source: https://docs.dask.org/en/stable/deploying-python.html
"""

from dataclasses import replace

from distributed import LocalCluster
from distributed.deploy.utils import nprocesses_nthreads

from daskbench.lane import clusters
from daskbench.lane.protocol import Open
from daskbench.lane.schedulers.distributed import Distributed


class DefaultCluster(Distributed):
    """A client and the cluster that it gets without arguments; an existing one is left alone."""

    def __init__(self, case: Open) -> None:
        super().__init__(replace(case, cluster={}))

    def _start_cluster(self) -> LocalCluster:
        workers, threads = nprocesses_nthreads()
        return clusters.start(workers, threads, clusters.equal_share(workers))
