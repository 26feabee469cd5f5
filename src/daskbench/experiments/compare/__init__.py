"""Which is faster: cases that compute the same result, in the same rounds."""

from daskbench.experiments.base import Experiment
from daskbench.experiments.compare.findings import RULES


class Compare(Experiment):
    """Compares cases with their baseline, usually Dask's schedulers with plain NumPy."""

    rules = RULES


EXPERIMENT = Compare()
