"""Run every built-in workload, tiny, on one scheduler: a line of JSON each.

    python -m tests.real.every_workload SCHEDULER

All of them share a scheduler, which takes seconds to start. Processes that it spawns import this
module again, so it imports little at its top.
"""

import json
import sys
import tempfile
import traceback
from importlib.util import find_spec
from typing import Any

from daskbench.lane.schedulers import SCHEDULERS, make_scheduler

ARRAY = {"shape": "200x200", "chunks": "100x100"}
STRIPS = {"shape": "200x200", "chunks": "50x200"}
TABLE = {"rows": 2000, "partitions": 3}
#: Parameters by workload, so small that a sample takes milliseconds.
TINY: dict[str, dict[str, Any]] = {
    "array_sum": ARRAY,
    "transpose_add": ARRAY,
    "matmul": ARRAY,
    "rechunk": STRIPS | {"new_chunks": "200x50"},
    "map_overlap": ARRAY,
    "fft": STRIPS,
    "standardise": ARRAY,
    "reshape": ARRAY,
    "groupby": TABLE,
    "shuffle": TABLE,
    "merge": TABLE,
    "set_index": TABLE,
    "parquet": TABLE,
    "read_csv": TABLE,
    "word_count": {"lines": 200, "partitions": 3},
    "pandas_files": {"rows": 2000, "files": 3},
    "tree_reduction": {"numbers": 1000, "leaves": 8},
    "chain": {"numbers": 1000, "steps": 5},
    "climatology": {"grid": "3x4", "years": 1, "days": 100},
}


def names() -> list[str]:
    """Return the workloads that can run here."""
    return [name for name in TINY if name != "climatology" or find_spec("xarray")]


def tell(scheduler: Any, name: str, loops: int) -> dict[str, Any]:
    """Return how a sample of a workload went."""
    from daskbench.benchmarks import make_benchmark
    from daskbench.lane.sampling import Sampler
    from daskbench.lane.work import prepare
    from tests.unit.benchmarks.library import parameters_of

    try:
        benchmark = make_benchmark(name, parameters_of(name, **TINY[name]), seed=1)
        prepare(benchmark, scheduler.computing)
        sampler = Sampler(benchmark, scheduler)
        sample = sampler.sample(loops)
        return {"name": name, "reason": sample.reason, "tasks": sample.tasks_run}
    except Exception:
        return {"name": name, "reason": traceback.format_exc(), "tasks": 0}


def run(name: str) -> None:
    """Run all workloads on one scheduler."""
    from daskbench.benchmarks import make_benchmark
    from tests.unit.builders import opening

    kind = SCHEDULERS[name]
    workers = 1 if kind.starts_processes and not kind.takes_cluster else 2
    case = opening(scheduler=name, workers=workers, threads_per_worker=1, cluster={})
    scheduler = make_scheduler(case)
    scheduler.open(make_benchmark("calc_mean", {"n": 1, "tasks": 1, "rng": "legacy"}, seed=0))
    for workload in names():
        told = tell(scheduler, workload, loops=1 if name == "processes" else 2)
        sys.stdout.write(f"{json.dumps(told)}\n")
    scheduler.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        run(sys.argv[1])
