"""The kinds of experiment: one folder each, and one line here to register it.

They don't import each other. What two of them need is in `stats`, `document` or `conductor`.
"""

from importlib import import_module

from daskbench.errors import JournalError, nearest
from daskbench.experiments.base import Experiment
from daskbench.model import Suite

EXPERIMENTS = {
    "compare": "daskbench.experiments.compare",
    "ab": "daskbench.experiments.ab",
    "memory": "daskbench.experiments.memory",
    "thresholds": "daskbench.experiments.thresholds",
    "limit": "daskbench.experiments.limit",
    "calibration": "daskbench.experiments.calibration",
    "overhead": "daskbench.experiments.overhead",
    "network": "daskbench.experiments.network",
}


def experiment(kind: str) -> Experiment:
    """Return the experiment of that name; raises JournalError if there is none."""
    if kind not in EXPERIMENTS:
        raise JournalError(f"no experiment '{kind}': {nearest(kind, EXPERIMENTS)}")
    found: Experiment = import_module(EXPERIMENTS[kind]).EXPERIMENT
    found.kind = kind
    return found


def experiment_of(suite: Suite) -> Experiment:
    """Return the experiment of a suite."""
    return experiment(suite.experiment.kind)
