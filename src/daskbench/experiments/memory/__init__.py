"""What does each worker hold over time, against the four thresholds of its limit."""

from typing import ClassVar

from daskbench.experiments.base import Experiment
from daskbench.experiments.memory import plan


class WorkerMemory(Experiment):
    """Reads workers at their heartbeats; what they held is shown of any suite that reads it."""

    keys: ClassVar = plan.KEYS
    make = staticmethod(plan.make)


EXPERIMENT = WorkerMemory()
