"""How often two measurements of the same thing are called different: by us, and by what others do.

Each case of calc_mean is measured twice in the same rounds, as ``daskbench ab`` does it. The same
samples are then judged as benchmarks mostly are: all samples of one, then all of the other, by
Welch's t test and by Mann and Whitney's. ``python performance/false_alarms.py 300`` takes most of
an hour, 8 comparisons without a number; with a journal what is there is judged anew.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from msgspec import structs
from scipy import stats

from daskbench.cli.options import RunOptions
from daskbench.cli.session import measure
from daskbench.journal.read import read_run
from daskbench.journal.run import Column, Run
from daskbench.journal.store import Store
from daskbench.model import VERDICT, Case, Plan, Scalar, Side, Suite
from daskbench.stats.ratio import by_launch, log_ratios, ratios_of_logs
from daskbench.stats.summary import split
from daskbench.stats.verdict import Verdict, verdict_of

BAR, LEVEL = 0.01, 0.01
LAUNCHES = VERDICT.launches
PLACES = (("numpy", None), ("synchronous", None), ("threads", 1), ("threads", 2))
PARAMETERS: dict[str, Scalar] = {"n": 50_000, "tasks": 10, "rng": "legacy"}
ALARMS = (Verdict.FASTER, Verdict.SLOWER)


def plan_of(comparisons: int) -> Plan:
    """Return so many comparisons, rounded up, of each place with itself."""
    cases = [
        Case("calc_mean", scheduler, PARAMETERS, workers, side=Side(name))
        for scheduler, workers in PLACES
        for name in "AB"
    ]
    launches = LAUNCHES * -(-comparisons // len(PLACES))
    return Plan((Suite("a-a", tuple(cases), structs.replace(VERDICT, launches=launches)),))


def comparisons_of(run: Run) -> Iterator[tuple[list[Column], list[Column], list[Column]]]:
    """Yield for each comparison the log-ratios of its rounds, launch by launch.

    And the times of one side, and those of the other thereafter; the last has none.
    """
    settings = run.plan.suites[0].settings
    for number in range(0, len(run.cases), 2):
        one, two = run.samples[number], run.samples[number + 1]
        logs = split(*log_ratios(two, one, settings))
        times = [by_launch(side, settings) for side in (one, two)]
        for first in range(0, len(logs) - LAUNCHES + 1, LAUNCHES):
            end = first + LAUNCHES
            yield logs[first:end], times[0][first:end], times[1][end : end + LAUNCHES]


def judge(run: Run) -> dict[str, list[bool]]:
    """Return for each way of judging which comparisons raised a false alarm."""
    found: dict[str, list[bool]] = {name: [] for name in ("daskbench", "Welch", "Mann-Whitney")}
    for logs, before, after in comparisons_of(run):
        found["daskbench"].append(verdict_of(ratios_of_logs([logs])[0]) in ALARMS)
        if after:
            sides = np.concatenate(before), np.concatenate(after)
            found["Welch"].append(bool(stats.ttest_ind(*sides, equal_var=False).pvalue < LEVEL))
            found["Mann-Whitney"].append(bool(stats.mannwhitneyu(*sides).pvalue < LEVEL))
    return found


def main() -> None:
    """Measure, or read what was measured, and print how often each way was wrong."""
    asked = sys.argv[1] if sys.argv[1:] else "8"
    with TemporaryDirectory() as folder:
        if asked.isdigit():
            store = Store(Path(folder))
            measure(plan_of(int(asked)), "a-a", RunOptions(store.folder, view="plain"))
            run = read_run(store.find("latest"))
        else:
            run = read_run(Path(asked))
    judged = judge(run)
    for name, alarms in judged.items():
        wrong, count = sum(alarms), len(alarms)
        low, high = stats.binomtest(wrong, count).proportion_ci()
        print(
            f"{name}: {wrong} false alarms in {count} comparisons, {wrong / count:.1%} "
            f"[{low:.1%}, {high:.1%}]; bar {BAR:.0%}"
        )
    sys.exit(sum(judged["daskbench"]) > BAR * len(judged["daskbench"]))


if __name__ == "__main__":
    main()
