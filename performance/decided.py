"""How soon the rows of a newcomer's first command are decided.

``daskbench schedulers --n 100000 --tasks 100`` is run again and again, on the machine as it is, or
with ``--beside`` with one core's worth of other work. A run counts where every row whose ratio is
beyond 1.2 (or below 1/1.2) is decided in time, start-up of all lanes included. Which these are is
told by the medians over all runs. ``decided.py 10 --beside`` takes ten minutes, one run without a
number; with journals these are judged.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from daskbench import environment
from daskbench.cli.options import RunOptions
from daskbench.cli.session import measure
from daskbench.cli.views import View
from daskbench.config import make_suite
from daskbench.journal.read import read_run
from daskbench.journal.run import Column, Run
from daskbench.journal.store import Store
from daskbench.model import DECIDE, Plan
from daskbench.stats.ratio import log_ratios, ratios_of_logs
from daskbench.stats.verdict import Verdict, verdict_of

#: Seconds in which rows are to be decided on a quiet machine, and with one core of other work.
QUIET_S, BESIDE_S = 25.0, 60.0
BEYOND, SHARE = np.log(1.2), 0.9


def plan() -> Plan:
    """Return what the command measures."""
    values = {"n": (100_000,), "tasks": (100,)}
    suite = make_suite("schedulers", "calc_mean", values, environment.cores, decide=DECIDE)
    return Plan((suite,))


def _burn() -> None:
    while True:
        pass


@contextmanager
def other_work(beside: bool) -> Iterator[None]:
    """Keep one core busy, if asked for."""
    burner = multiprocessing.Process(target=_burn, daemon=True)
    if beside:
        burner.start()
    try:
        yield
    finally:
        if beside:
            burner.kill()
            burner.join()


def decided_s(run: Run) -> dict[str, tuple[float, float]]:
    """Return for each row its log-ratio, and the second in which it was decided, or infinity."""
    base, *rows = [number for number, _, _ in run.cases]
    pairs = {row: log_ratios(run.samples[row], run.samples[base]).logs for row in rows}
    ends = {row: _ends(run, row, base) for row in rows}
    first: dict[int, float] = dict.fromkeys(rows, np.inf)
    for moment in sorted({at for row in rows for at in ends[row]}):
        logs = [pairs[row][: int((ends[row] <= moment).sum())] for row in rows]
        for row, ratio in zip(rows, ratios_of_logs([[one] for one in logs]), strict=True):
            if verdict_of(ratio) is not Verdict.UNDECIDED:
                first[row] = min(first[row], float(moment))
    return {
        run.cases[row][2].place: (float(np.median(pairs[row])), first[row])
        for row in rows
        if len(pairs[row])
    }


def _ends(run: Run, row: int, base: int) -> Column:
    """Return when each round of a row was over, with its baseline."""
    times = []
    for samples in (run.samples[row], run.samples[base]):
        counted = samples.counted
        times.append(dict(zip(samples["round"][counted], samples["at_s"][counted], strict=True)))
    return np.array([max(at, times[1][n]) for n, at in times[0].items() if n in times[1]])


def main() -> None:
    """Measure, or read what was measured, and print how soon rows were decided."""
    beside = "--beside" in sys.argv
    asked = [one for one in sys.argv[1:] if one != "--beside"] or ["1"]
    limit_s = BESIDE_S if beside else QUIET_S
    if asked[0].isdigit():
        with TemporaryDirectory() as folder, other_work(beside):
            for _ in range(int(asked[0])):
                measure(plan(), "schedulers", RunOptions(Path(folder), view=View("plain")))
            store = Store(Path(folder))
            runs = [decided_s(read_run(store.path(run_id))) for run_id in store.run_ids]
    else:
        runs = [decided_s(read_run(Path(name))) for name in asked]
    far = []
    for place in runs[0]:
        logs, seconds = np.array([run[place] for run in runs if place in run]).T
        ratio, soon = np.exp(np.median(logs)), int((seconds <= limit_s).sum())
        far += [place] if abs(np.median(logs)) > BEYOND else []
        print(
            f"{place}: ratio {ratio:.2f}, decided after {np.median(seconds):.0f} s in the median, "
            f"within {limit_s:.0f} s in {soon} of {len(seconds)} runs"
        )
    whole = sum(all(run[place][1] <= limit_s for place in far) for run in runs)
    print(
        f"every row beyond 1.2 within {limit_s:.0f} s: {whole} of {len(runs)} runs; bar {SHARE:.0%}"
    )
    sys.exit(whole < SHARE * len(runs))


if __name__ == "__main__":
    main()
