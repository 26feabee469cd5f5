"""The same cases twice in one run: what differs between two that are the same.

`twice.py ROUNDS FOLDER` keeps the journal there.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from daskbench import environment
from daskbench.conductor.conduct import Activity, Conductor
from daskbench.conductor.machine import ThisMachine
from daskbench.events import SCHEMA, Header
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Case, Plan, Scalar, Settings, Suite
from daskbench.processes.lanes import Lanes
from daskbench.stats.ratio import paired_ratio

ROUNDS = 60
SCHEDULERS = {"numpy": None, "synchronous": None, "threads": 2, "distributed": 2}
PARAMETERS: dict[str, Scalar] = {"n": 1_000_000, "tasks": 4, "rng": "generator"}  # about 40 ms


def plan_of(rounds: int) -> Plan:
    """Return a suite with each case and, right after it, the same again."""
    cases = [Case("calc_mean", name, PARAMETERS, workers) for name, workers in SCHEDULERS.items()]
    twice = tuple(case for case in cases for _ in range(2))
    return Plan((Suite("twice", twice, Settings(rounds=rounds)),), seed=1)


def measure(plan: Plan, folder: Path) -> Run:
    """Measure it into a journal, and return what that holds."""
    store, started = Store(folder), datetime.now(UTC)
    store.prepare()
    run_id = store.new_id(started, "twice")
    header = Header(SCHEMA, run_id, "twice", started.isoformat(), plan, environment.describe())
    with JournalWriter.create(store.path(run_id), header) as journal, Lanes() as lanes:
        conductor = Conductor(
            plan, lanes, clock=monotonic, machine=ThisMachine(), tick=lambda: None
        )
        for event in conductor.run():
            if not isinstance(event, Activity):
                journal.append(event)
    return read_run(store.path(run_id))


def main() -> None:
    """Print the ratio of each pair, which in truth is 1."""
    rounds, *folder = sys.argv[1:] or [str(ROUNDS)]
    with tempfile.TemporaryDirectory() as temporary:
        run = measure(plan_of(int(rounds)), Path(*folder) if folder else Path(temporary))
    for number, suite, case in run.cases[::2]:
        ratio = paired_ratio(run.samples[number], run.samples[number + 1], suite.settings)
        assert ratio
        assert ratio.low is not None
        assert ratio.high is not None
        print(
            f"{case.place} beside the same: {ratio.value:.3f} [{ratio.low:.3f}, {ratio.high:.3f}] "
            f"over {ratio.rounds} rounds; bar: holds 1 in 95 runs of 100"
        )


if __name__ == "__main__":
    main()
