"""Which is faster: cases that compute the same result, in the same rounds."""

from daskbench.experiments.base import Experiment
from daskbench.experiments.compare.findings import RULES
from daskbench.experiments.compare.undecided import undecided
from daskbench.findings.rules import Rule
from daskbench.model import DECIDE


class Compare(Experiment):
    """Compares cases with their baseline, usually Dask's schedulers with plain NumPy."""

    rules = (*RULES, Rule(undecided))
    decides = DECIDE


EXPERIMENT = Compare()
