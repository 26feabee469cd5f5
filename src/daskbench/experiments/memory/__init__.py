"""Each worker's memory over time, against its four memory thresholds."""

from typing import ClassVar

from daskbench.experiments.base import Experiment
from daskbench.experiments.memory import plan


class WorkerMemory(Experiment):
    """Reads worker memory at heartbeats, as any suite with ``memory`` does."""

    keys: ClassVar = plan.KEYS
    make = staticmethod(plan.make)


EXPERIMENT = WorkerMemory()
