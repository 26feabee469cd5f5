"""How often the same thing is called faster or slower: by us, and as others would judge it.

A table of ten rows of one case is measured as ``daskbench schedulers`` does by default: until every
row is decided, or for 60 s. Each word in it is a false alarm. The same samples are then judged as
if they had been taken one row after the other: by the t test that ``pyperf compare_to`` uses, by
Welch's, which hyperfine's script uses, both at their 5 %, and by means that differ by more than
5 %, as ``pytest-benchmark --benchmark-compare-fail=mean:5%`` has it. ``false_alarms.py 30`` takes
half an hour, one table without a number; with a journal what is there is judged anew.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy import stats

from daskbench.cli.options import RunOptions
from daskbench.cli.session import measure
from daskbench.cli.views import View
from daskbench.journal.read import read_run
from daskbench.journal.run import Column, Run
from daskbench.journal.store import Store
from daskbench.model import DECIDE, Case, Plan, Scalar, Side, Suite
from daskbench.stats.result_tables import result_tables_of
from daskbench.stats.verdict import Verdict

BAR, LEVEL, LIMIT = 0.01, 0.05, 0.05
ROWS = 11  # ten of them are compared with the first
PLACES = (("numpy", None), ("synchronous", None), ("threads", 1), ("threads", 2))
PARAMETERS: dict[str, Scalar] = {"n": 100_000, "tasks": 10, "rng": "legacy"}
ALARMS = (Verdict.FASTER, Verdict.SLOWER)
OTHERS = ("pyperf's t test", "Welch's t test", "means 5 % apart")


def plan_of(tables: int) -> Plan:
    """Return so many tables, of each place in turn."""
    suites = []
    for number in range(tables):
        scheduler, workers = PLACES[number % len(PLACES)]
        cases = (
            Case("calc_mean", scheduler, PARAMETERS, workers, side=Side(f"{row}"))
            for row in range(ROWS)
        )
        suites.append(Suite(f"a-a {number}", tuple(cases), DECIDE))
    return Plan(tuple(suites))


def judge(run: Run) -> Iterator[dict[str, list[bool]]]:
    """Yield for each table and each way of judging which of its rows raised a false alarm."""
    for suite in run.plan.suites:
        numbered = [one for one in run.cases if one[1] is suite]
        (table,) = result_tables_of(run, numbered)
        times = [run.samples[number].loop_s for number, _, _ in numbered]
        if all(len(one) > 3 for one in times):
            ours = [row.comparison.verdict in ALARMS for row in table.results[1:]]
            yield {"daskbench": ours} | _by_others(times)


def _by_others(times: list[Column]) -> dict[str, list[bool]]:
    """Judge the first half of the base's samples beside the second half of each row's."""
    base = times[0][: len(times[0]) // 2]
    found: dict[str, list[bool]] = {name: [] for name in OTHERS}
    for one in times[1:]:
        row = one[len(one) // 2 :]
        found[OTHERS[0]].append(bool(stats.ttest_ind(row, base).pvalue < LEVEL))
        found[OTHERS[1]].append(bool(stats.ttest_ind(row, base, equal_var=False).pvalue < LEVEL))
        found[OTHERS[2]].append(bool(abs(np.log(row.mean() / base.mean())) > np.log1p(LIMIT)))
    return found


def main() -> None:
    """Measure, or read what was measured, and print how often each way was wrong."""
    asked = sys.argv[1] if sys.argv[1:] else "1"
    with TemporaryDirectory() as folder:
        if asked.isdigit():
            store = Store(Path(folder))
            measure(plan_of(int(asked)), "a-a", RunOptions(store.folder, view=View("plain")))
            run = read_run(store.find("latest"))
        else:
            run = read_run(Path(asked))
    tables = list(judge(run))
    for name in ("daskbench", *OTHERS):
        rows = [alarm for table in tables for alarm in table[name]]
        low, high = stats.binomtest(sum(rows), len(rows)).proportion_ci()
        wrong = sum(any(table[name]) for table in tables)
        print(
            f"{name}: {sum(rows)} false alarms in {len(rows)} rows, {sum(rows) / len(rows):.1%} "
            f"[{low:.1%}, {high:.1%}]; in {wrong} of {len(tables)} tables"
        )
    ours = [alarm for table in tables for alarm in table["daskbench"]]
    sys.exit(sum(ours) > BAR * len(ours))


if __name__ == "__main__":
    main()
