"""What several tests of memory views share."""

from collections.abc import Sequence

from daskbench.events import Reading, WorkerEvent
from daskbench.stats.memory import CaseMemory, WorkerMemory
from tests.unit.builders import (
    make_reading,
)

MANAGED, UNMANAGED, RECENT = "█▒░"
MIB = 1 << 20
THRESHOLDS = {"target": 0.6, "spill": 0.7, "pause": 0.8, "terminate": 0.95}
LIMIT = 1000 * MIB


def worker(*readings: Reading, name: str = "0", events: Sequence[WorkerEvent] = ()) -> WorkerMemory:
    return WorkerMemory(name, readings or (make_reading(),), events)


def case(
    *workers: WorkerMemory,
    limit: int | None = LIMIT,
    thresholds: dict[str, float] = THRESHOLDS,
) -> CaseMemory:
    return CaseMemory(0, "distributed × 2", limit, thresholds, workers or (worker(),))
