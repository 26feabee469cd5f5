"""Whether a lane grows with the samples that it gives: its memory at the end over its memory warm.

`soak.py [SAMPLES [SCHEDULER...]]` lets a lane of each scheduler give 50 samples, and then many
more; one that is named twice is measured twice. What its processes hold (PSS) is read every ten
samples; the ratio is that of the last fifth to the first fifth after the 50. Where Dask has
processes of its own, a bare script does the same beside it, without daskbench: the part of the
growth that shows there too is Dask's own.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median

from daskbench.lane.probes import tree
from daskbench.lane.protocol import TakeSample
from daskbench.model import Case, Scalar
from daskbench.processes.lanes import Lanes
from daskbench.units import format_bytes
from harness import TIMEOUT_S, nothing, opened

WARM, SAMPLES, EVERY = 50, 500, 10
PARAMETERS: dict[str, Scalar] = {"n": 10, "tasks": 200, "rng": "legacy"}
WORKERS = {
    "numpy": None,
    "synchronous": None,
    "threads": 2,
    "processes": 2,
    "processes-warm": 2,
    "distributed": 2,
}
BAR = "flat: below 1.05, or no more than bare Dask"

BARE = """
import sys
import dask
from dask import delayed
from distributed import Client
from daskbench.benchmarks.calc_mean import calc_mean

if __name__ == "__main__":
    {start}
    for _ in sys.stdin:
        calls = [delayed(calc_mean)(i, {n}) for i in range({tasks})]
        print(len(dask.compute(*calls{where})), flush=True)
"""
#: How a bare script starts a scheduler that lives in processes, and what it gives to compute.
STARTS = {
    "processes": ("", ", scheduler='processes', num_workers=2"),
    "distributed": (
        "client = Client(n_workers=2, threads_per_worker=1, dashboard_address='127.0.0.1:0')",
        "",
    ),
}


def growth(sample: Callable[[], object], pid: int, samples: int) -> tuple[int, int, int]:
    """Take samples; return the bytes that the process and its children hold warm and at the end,
    and the samples that lie between the middles of both.
    """
    held = []
    for number in range(WARM + samples):
        sample()
        if number >= WARM and number % EVERY == 0:
            held.append(tree.pss_bytes(pid) or tree.rss_bytes(pid))
    part = max(len(held) // 5, 1)
    return round(median(held[:part])), round(median(held[-part:])), (len(held) - part) * EVERY


def report(name: str, found: tuple[int, int, int]) -> None:
    """Print the ratio of a lane."""
    warm, end, between = found
    print(
        f"{name}: {end / warm:.3f} ({format_bytes(warm)} -> {format_bytes(end)}, "
        f"{(end - warm) / between / 1024:+.1f} KiB a sample); bar {BAR}",
        flush=True,
    )


def in_a_lane(lanes: Lanes, scheduler: str, samples: int) -> tuple[int, int, int]:
    """Measure a lane of a scheduler."""
    lane = opened(lanes, Case("calc_mean", scheduler, PARAMETERS, WORKERS[scheduler]))
    try:
        return growth(lambda: lane.ask(TakeSample(loops=1), TIMEOUT_S, nothing), lane.pid, samples)
    finally:
        lanes.end([lane])


def bare(lanes: Lanes, scheduler: str, samples: int) -> tuple[int, int, int]:
    """Measure Dask without daskbench."""
    script = lanes.folder / "bare.py"
    start, where = STARTS[scheduler]
    script.write_text(BARE.format(**PARAMETERS, start=start, where=where))
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**os.environ, "TMPDIR": str(lanes.folder)},
    ) as process:
        assert process.stdin
        assert process.stdout
        asking, answers = process.stdin, process.stdout

        def sample() -> str:
            asking.write("go\n")
            return answers.readline()

        return growth(sample, process.pid, samples)


def main() -> None:
    """Print a line for each scheduler, and one for bare Dask."""
    samples, *names = sys.argv[1:] or [str(SAMPLES)]
    for scheduler in names or WORKERS:
        with Lanes() as lanes:
            report(scheduler, in_a_lane(lanes, scheduler, int(samples)))
            if scheduler in STARTS:
                report(f"{scheduler}, bare Dask", bare(lanes, scheduler, int(samples)))


if __name__ == "__main__":
    main()
