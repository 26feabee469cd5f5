"""How the machine and its limits affected the results."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.findings.rules import WORKER_MEMORY, Rule
from daskbench.journal.run import Run
from daskbench.lane.schedulers import spills
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.units import format_bytes, format_seconds

#: Less CPU than this fraction of a core is always used by other programs.
_QUIET = 0.2


def _sum(run: Run, name: str) -> float:
    return float(sum(samples[name].sum() for samples in run.samples.values()))


def other_programs(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """CPU time that other programs used while samples ran."""
    watched_s = _sum(run, "watched_s")
    cores = _sum(run, "others_cpu_s") / watched_s if watched_s else 0.0
    if cores > _QUIET:
        yield f"other programs used {cores:.1f} cores while samples ran: close them and run again"


def swapping(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Pages that were swapped in or out."""
    swapped = _sum(run, "swap_bytes")
    if swapped > 0:
        what = f"the machine swapped {format_bytes(swapped)} while samples ran"
        yield Said(
            f"{what}, so times may be affected: free memory and run again",
            f"{what}: free memory and run again",
        )


def throttling(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """CPU time that the cgroup's quota withheld."""
    throttled = _sum(run, "throttled_s")
    if throttled > 0:
        withheld = f"CPU quota withheld {format_seconds(throttled)}"
        yield Said(
            f"the cgroup's {withheld} while samples ran: ask for more cores, or fewer workers",
            f"the {withheld}: ask for more cores, or fewer workers",
        )


def too_many_workers(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """More workers than cores."""
    cores = run.environment.get("cores")
    wide = [
        row.label
        for table in tables
        if not table.suite.cluster.name
        for row in table.results
        if cores and _threads(row) > cores
    ]
    if wide:
        names = [*dict.fromkeys(wide)]
        what = f"more workers than cores ({cores})"
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Said(
            f"{what}: {', '.join(names)}",
            f"{what}: {names[0]}{others}; use fewer --workers",
        )


def _threads(row: Result) -> int:
    return (row.lane.workers or 1) * (row.lane.threads_per_worker or 1)


def differing_blas(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """BLAS threads that are not the same in every lane."""
    for table in tables:
        if any(row.case.blas_threads for row in table.results):
            continue  # they differ on purpose, as the rows show
        found: dict[int, list[str]] = {}
        for row in table.results:
            if row.lane.blas_threads is not None:
                found.setdefault(row.lane.blas_threads, []).append(row.label)
        if len(found) > 1:
            sides = "; ".join(
                f"{threads} in {', '.join(places)}" for threads, places in sorted(found.items())
            )
            mend = (
                "start its workers with OMP_NUM_THREADS set"
                if table.suite.cluster.name and not table.suite.cluster.kind
                else "use --blas-threads to set them alike"
            )
            numbers = " and ".join(map(str, sorted(found)))
            yield Said(
                f"BLAS threads differ: {sides}; {mend}",
                f"BLAS threads differ ({numbers}): {mend}",
            )


def memory_folder(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """A temporary folder in memory, where spilling saves nothing."""
    any_spills = any(spills(row.case.scheduler) for table in tables for row in table.results)
    if any_spills and run.environment.get("temp_filesystem") in ("tmpfs", "ramfs"):
        folder = run.environment.get("temp_folder")
        yield Said(
            f"{folder} is in memory, so data spilled there stays in memory; set TMPDIR or "
            "DASK_TEMPORARY_DIRECTORY to a disk",
            f"{folder} is in memory, so spilling frees none: set TMPDIR to a folder on disk",
        )


RULES = (
    Rule(other_programs, urgent=True),
    Rule(swapping, urgent=True),
    Rule(throttling, urgent=True),
    Rule(too_many_workers),
    Rule(differing_blas),
    Rule(memory_folder, see=WORKER_MEMORY),
)
