"""Why a row took longer than others, if its workers' memory shows it."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.findings.rules import WORKER_MEMORY, Rule
from daskbench.journal.run import Run
from daskbench.stats.memory import CaseMemory, memory_of
from daskbench.stats.result_tables import ResultTable
from daskbench.units import format_bytes, format_seconds


def spilled(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Workers that wrote to disk or were paused, in one of several rows."""
    for table in tables:
        if len(table.results) > 1 and table.race:
            for case in memory_of(run, table.results):
                if parts := [*_costs(case)]:
                    costs = " and ".join(parts)
                    yield Said(
                        f"{case.label}: while it was timed, its workers {costs}",
                        f"{case.label}: its workers {costs}; raise --memory-limit",
                    )


def _costs(case: CaseMemory) -> Iterator[str]:
    written = sum(worker.written_bytes for worker in case.workers)
    if written:
        read = sum(worker.read_bytes for worker in case.workers)
        yield f"spilled {format_bytes(written)} to disk, read {format_bytes(read)} back"
    if shuffled := sum(worker.shuffled_bytes for worker in case.workers):
        yield f"wrote {format_bytes(shuffled)} to disk for shuffles"
    if paused_s := sum(worker.states.get("paused", 0.0) for worker in case.workers):
        yield f"were paused for {format_seconds(paused_s)}"


RULES = (Rule(spilled, see=WORKER_MEMORY),)
