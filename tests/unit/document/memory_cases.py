"""What several tests of memory views share."""

from collections.abc import Sequence
from pathlib import Path

from daskbench.events import Event, Reading, WorkerEvent
from daskbench.experiments.report import Report
from daskbench.stats.memory import CaseMemory, WorkerMemory
from tests.unit.builders import make_case, make_plan, make_reading, make_report, make_suite

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


def memory_report(folder: Path, events: Sequence[Event]) -> Report:
    """Return the report of a run of two cases: two workers of a cluster, and NumPy."""
    plan = make_plan(make_suite(make_case("distributed", 2), make_case("numpy"), memory=True))
    return make_report(folder, events, plan)
