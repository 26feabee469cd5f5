"""``compare`` of two runs of 1,000 cases with 100 samples each: its time."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import msgspec

from daskbench.events import SCHEMA, Event, Finished, Header, LaneStarted, Sample
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Case, Plan, Settings, Side, Suite

CASES, LAUNCHES, ROUNDS = 1000, 5, 20
BAR_S = 3.0


def cases(side: Side | None = None) -> list[Case]:
    """Return cases that differ in a parameter."""
    found = [
        Case("calc_mean", "threads", {"n": n, "tasks": 100, "rng": "legacy"}, 2)
        for n in range(1, CASES + 1)
    ]
    return [msgspec.structs.replace(case, side=side) for case in found] if side else found


def write(store: Store, name: str, plan: Plan) -> None:
    """Write a journal: each case has a speed of its own, and each launch its luck."""
    chance = random.Random(name)
    header = Header(SCHEMA, name, "compare", "2026-01-01T00:00:00+00:00", plan, {"cores": 2})
    with JournalWriter.create(store.path(name), header) as journal:
        for number, _, _ in plan.cases:
            for launch in range(LAUNCHES):
                journal.append(LaneStarted(number, launch, 0.2, 100))
                for event in samples(number, launch, chance):
                    journal.append(event)
        journal.append(Finished("complete", 1000.0))


def samples(number: int, launch: int, chance: random.Random) -> list[Event]:
    """Return the samples of one launch of a case."""
    middle = chance.gauss(-3, 0.02)
    return [
        Sample(
            number,
            launch * ROUNDS + i,
            chance.lognormvariate(middle, 0.1),
            100,
            100,
            valid=True,
            answer_ok=True,
            launch=launch,
            at_s=float(i),
            cpu_s=0.05,
            peak_rss_bytes=1 << 26,
        )
        for i in range(1, ROUNDS + 1)
    ]


def measure(folder: str, *arguments: str) -> str:
    """Return how long a comparison takes as a process, and how the bar stands."""
    command = [sys.executable, "-m", "daskbench", "compare", *arguments, "--store", folder]
    start = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return f"{perf_counter() - start:.1f} s (bar {BAR_S:g} s)"


def main() -> None:
    """Write the journals, compare, and print what it took."""
    settings = Settings(rounds=ROUNDS, launches=LAUNCHES)
    sides = [case for name in "AB" for case in cases(Side(name))]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.prepare()
        write(store, "one", Plan((Suite("compare", tuple(cases()), settings),)))
        write(store, "two", Plan((Suite("compare", tuple(cases()), settings),)))
        write(store, "pairs", Plan((Suite("compare", tuple(sides), settings),)))
        what = f"{CASES:,} cases with {LAUNCHES * ROUNDS} samples in {LAUNCHES} launches"
        print(f"compare of two runs of {what}: {measure(folder, 'one', 'two')}")
        print(f"compare of the two sides of a run of {what}: {measure(folder, 'pairs')}")


if __name__ == "__main__":
    main()
