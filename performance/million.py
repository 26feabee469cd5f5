"""``show`` of a journal of 1,000,000 samples: its time and its memory."""

import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from daskbench.events import SCHEMA, Finished, Header, LaneStarted, Sample
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Case, Plan, Scalar, Settings, Suite

CASES, ROUNDS = 100, 10_000
BAR_S, BAR_BYTES = 10, 1 << 30


def write(folder: Path) -> None:
    """Write the journal."""
    parameters: dict[str, Scalar] = {"n": 1000, "tasks": 100, "rng": "legacy"}
    cases = [Case("calc_mean", "numpy", parameters)]
    cases += [Case("calc_mean", "threads", parameters, workers) for workers in range(1, CASES)]
    plan = Plan((Suite("million", tuple(cases), Settings(rounds=ROUNDS)),))
    store, chance = Store(folder), random.Random(0)
    store.prepare()
    header = Header(SCHEMA, "million", "million", "2026-01-01T00:00:00+00:00", plan, {"cores": 2})
    with JournalWriter.create(store.path("million"), header) as journal:
        for case in range(CASES):
            journal.append(LaneStarted(case, 0, 0.2, 100))
        for number in range(1, ROUNDS + 1):
            for case in range(CASES):
                wall_s = chance.lognormvariate(-3, 0.1)
                journal.append(
                    Sample(
                        case,
                        number,
                        wall_s,
                        100,
                        100,
                        valid=True,
                        answer_ok=True,
                        at_s=number * 5.0,
                        build_s=0.001,
                        cpu_s=wall_s,
                        peak_rss_bytes=1 << 26,
                        others_cpu_s=chance.gauss(0, 0.01),
                    )
                )
        journal.append(Finished("complete", ROUNDS * 5.0))


def main() -> None:
    """Write, show, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        size = Store(Path(folder)).path("million").stat().st_size
        start = perf_counter()
        command = [sys.executable, "-m", "daskbench", "show", "--store", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(
        f"show of {CASES * ROUNDS:,} samples ({size >> 20} MiB): {seconds:.1f} s (bar {BAR_S} s), "
        f"peak {peak >> 20} MiB (bar {BAR_BYTES >> 20} MiB)"
    )


if __name__ == "__main__":
    main()
