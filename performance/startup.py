"""How long the tool takes to answer, beside the bare import of what it is built on."""

import subprocess
import sys
import tempfile
from itertools import chain, repeat
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 30
BAR = 1.3


def seconds(command: list[str], folder: str) -> float:
    """Return how long the command takes."""
    start = perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def compare(name: str, tool: list[str], bare: list[str], folder: str) -> None:
    """Run both in turns and print the ratio of their medians."""
    turns = list(chain.from_iterable(repeat((tool, bare), ROUNDS)))
    times = [seconds(command, folder) for command in turns]
    ours, theirs = median(times[0::2]), median(times[1::2])
    print(f"{name}: {ours / theirs:.2f} × ({ours:.3f} s / {theirs:.3f} s), bar {BAR} ×")


def main() -> None:
    """Measure ``--help`` and ``show``."""
    daskbench = str(Path(sys.executable).with_name("daskbench"))
    python = [sys.executable, "-c"]
    with tempfile.TemporaryDirectory() as folder:
        small = ["schedulers", "--n", "1000", "--tasks", "10", "--schedulers", "numpy,threads"]
        subprocess.run([daskbench, *small], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        compare("--help / import click", [daskbench, "--help"], [*python, "import click"], folder)
        compare(
            "show / import click, rich, pandas",
            [daskbench, "show"],
            [*python, "import click, rich, pandas"],
            folder,
        )


if __name__ == "__main__":
    main()
