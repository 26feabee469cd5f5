"""Whether `daskbench overhead` finds what is known: injected sleep, cost per byte, and its rule.

On each scheduler the same graphs are measured in the same rounds: as they are, and with tasks that
sleep for a known time, which no term of the fit knows of. Those that return bytes also sleep for
each byte. The costs must differ by what was injected. The graphs are wide: where tasks wait for
each other, as in a grid, threads idle for longer if tasks take longer, so that the truth is not
known.

Then `overhead` tells how large tasks must be for 90 % work. A graph of such tasks is measured in
the same rounds as one that does the same work in a few long tasks: the ratio of their times is the
efficiency, whatever else the machine does. A scheduler that misses a bar is measured again, up to
three times in all, if noise is seen: other programs, or an interval that is wider than the bar.

    task_cost.py [SCHEDULER...]
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np

from daskbench.benchmarks import graph_of
from daskbench.cli.here import HERE
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import RunOptions
from daskbench.cli.recording import record
from daskbench.experiments.overhead import EXPERIMENT
from daskbench.experiments.overhead.plan import GRAPHS
from daskbench.experiments.overhead.rows import BYTE, TASK, WORK, Costs, CostTable, costs_of
from daskbench.experiments.report import build
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.model import Case, Plan, Suite
from daskbench.stats.ratio import Ratio, paired_ratio
from daskbench.stats.result_tables import ResultTable, result_tables_of
from daskbench.units import format_seconds, parse_bytes

SCHEDULERS = ("synchronous", "threads", "processes-warm", "distributed", "distributed-inproc")
SLEEP_S, A_BYTE_S = 10e-3, 20e-9
BAR, POINTS = 0.10, 0.05
ROUNDS, ATTEMPTS = 10, 3
#: Graphs that tell the terms apart, with few tasks, as each of them sleeps; the last one does not,
#: and the others are a multiple of six, as pools of processes get six at a time.
TASKS = (25, 97)
DESIGN = {"tasks": TASKS, "shape": ("wide",), "busy": ("",), "returns": ("1MB",)}
#: Tasks of a thread of the size that is told, and of the long ones that do the same work. Both are
#: multiples of six, as pools of processes get six at a time.
MANY, FEW = 120, 6
#: Other programs that use more than this part of a core are noise.
QUIET = 0.2


def measured(suite: Suite, folder: Path) -> Run:
    """Measure a suite, of which every sample counts."""
    with Interruption() as interruption:
        options = RunOptions(folder, progress=False)
        path, _ = record(Plan((suite,)), "task-cost", options, interruption)
    run = read_run(path)
    assert not run.failures, run.failures
    assert all(samples.counted.sum() == samples.measured.sum() for samples in run.samples.values())
    return run


def suite_of(schedulers: Sequence[str], **values: Any) -> Suite:
    """Return the suite of `overhead` on these schedulers."""
    return EXPERIMENT.make("task-cost", GRAPHS, {"schedulers": tuple(schedulers), **values}, HERE)


def others_cores(run: Run) -> float:
    """Return how many cores other programs used while samples ran."""
    used, watched = (
        sum(float(samples[name].sum()) for samples in run.samples.values())
        for name in ("others_cpu_s", "watched_s")
    )
    return used / watched


def several(case: Case) -> Case:
    """Return a case that hands on bytes with as many tasks as the largest graph.

    A worker that gets one task more than others matters less there.
    """
    if not case.parameters["returns"]:
        return case
    tasks = max(TASKS)
    return msgspec.structs.replace(case, parameters={**case.parameters, "tasks": tasks})


def sleepy(case: Case) -> Case:
    """Return a case whose tasks sleep, longer if they return bytes."""
    returned = str(case.parameters["returns"])
    sleep_s = SLEEP_S + A_BYTE_S * (parse_bytes(returned) if returned else 0)
    parameters = {**case.parameters, "sleep": f"{1e3 * sleep_s:g}ms"}
    return msgspec.structs.replace(case, parameters=parameters)


def repeated(
    check: Callable[[Sequence[str], Path], tuple[set[str], bool]],
    schedulers: Sequence[str],
    folder: Path,
) -> bool:
    """Check schedulers, those that miss a bar again if noise is seen; return whether all hold."""
    missed = list(schedulers)
    for attempt in range(1, ATTEMPTS + 1):
        found, is_noisy = check(missed, folder)
        missed = [scheduler for scheduler in missed if scheduler in found]
        if not missed or not is_noisy:
            break
        if attempt < ATTEMPTS:
            print(f"noise: {', '.join(missed)} again", flush=True)
    return not missed


def injected(schedulers: Sequence[str], folder: Path) -> tuple[set[str], bool]:
    """Print what was found of what was injected; return who missed it, and if noise was seen."""
    suite = suite_of(schedulers, **DESIGN, rounds=ROUNDS, budget=3600.0)
    plain_cases = [several(case) for case in suite.cases]
    cases = (*plain_cases, *map(sleepy, plain_cases))
    run = measured(msgspec.structs.replace(suite, cases=cases), folder)
    tables = result_tables_of(run, run.cases)
    plain, slept = (costs_at(run, tables, asleep=asleep) for asleep in (False, True))
    missed: set[str] = set()
    for place, costs in slept.items():
        for term, truth_s in ((TASK, SLEEP_S), (BYTE, A_BYTE_S)):
            # Of tasks that sleep beside each other, a graph waits for the share of one thread.
            found_s = costs.threads * difference(costs, plain[place], term)
            off = found_s / truth_s - 1
            missed |= {costs.graphs[0].result.case.scheduler} if abs(off) > BAR else set()
            print(
                f"{place}: {format_seconds(truth_s)} per {term}, found {format_seconds(found_s)} "
                f"({off:+.1%}); bar {BAR:.0%}",
                flush=True,
            )
    return missed, others_cores(run) > QUIET


def costs_at(run: Run, tables: Sequence[ResultTable], *, asleep: bool) -> dict[str, Costs]:
    """Return the costs at each place, of the graphs whose tasks sleep or of the others."""
    own = [one for one in tables if bool(one.results[0].case.parameters["sleep"]) is asleep]
    return {costs.place: costs for costs in costs_of(run, own)}


def difference(one: Costs, other: Costs, term: str) -> float:
    """Return by how many seconds two costs differ."""
    a, b = one.by_term[term], other.by_term[term]
    assert a
    assert b
    return a.value - b.value


def rule(schedulers: Sequence[str], folder: Path) -> tuple[set[str], bool]:
    """Print how efficient tasks of the size told are; return who missed, and if noise was seen."""
    told, cores = asked(schedulers, folder)
    found, beside = efficiencies(told, folder)
    missed: set[str] = set()
    noise = max(cores, beside) > QUIET
    for scheduler, (place, costs) in zip(schedulers, told.items(), strict=True):
        is_good, is_unsure = judged(costs, found[place])
        missed |= set() if is_good else {scheduler}
        noise |= is_unsure and not is_good
    print(f"other programs used {cores:.1f} and {beside:.1f} cores", flush=True)
    return missed, noise


def asked(schedulers: Sequence[str], folder: Path) -> tuple[dict[str, Costs], float]:
    """Return what `overhead` says of each place, and what other programs used meanwhile."""
    run = measured(suite_of(schedulers), folder)
    tables = [table for table in build(run).tables if isinstance(table, CostTable)]
    return {costs.place: costs for table in tables for costs in table.costs}, others_cores(run)


def efficiencies(told: Mapping[str, Costs], folder: Path) -> tuple[dict[str, Ratio], float]:
    """Return the time of few long tasks over that of tasks of the size told, at each place."""
    cases = []
    for costs in told.values():
        assert costs.smallest
        work_s, first = MANY * max(costs.smallest.value, 1e-6), costs.graphs[0].result.case
        for count in (FEW, MANY):
            graph = {"tasks": 1 + count * costs.threads, "busy": f"{1e3 * work_s / count:.5g}ms"}
            cases.append(with_graph(first, graph))
    suite = next(iter(told.values())).graphs[0].result.suite
    settings = msgspec.structs.replace(suite.settings, rounds=2 * ROUNDS, budget_s=120.0)
    run = measured(msgspec.structs.replace(suite, cases=tuple(cases), settings=settings), folder)
    found = {}
    for place, number in zip(told, range(0, len(cases), 2), strict=True):
        ratio = paired_ratio(run.samples[number], run.samples[number + 1], settings)
        assert ratio
        found[place] = ratio
        print(f"{place}: {100 * bare_share(run, number + 1, told[place].threads):.0f}% on the CPU")
    return found, others_cores(run)


def with_graph(case: Case, graph: Mapping[str, Any]) -> Case:
    """Return a case with a wide graph of busy tasks."""
    plain = {"shape": "wide", "busy": "", "returns": "", "sleep": ""}
    return msgspec.structs.replace(case, parameters={**case.parameters, **plain, **graph})


def bare_share(run: Run, number: int, threads: int) -> float:
    """Return the share of the CPU time of tasks in the time of all threads."""
    graph = graph_of(GRAPHS, run.cases[number][2].parameters)
    assert graph
    samples = run.samples[number]
    return graph.work_s / threads / float(np.median(samples["wall_s"][samples.counted]))


def judged(costs: Costs, ratio: Ratio) -> tuple[bool, bool]:
    """Print the efficiency at a place; return if it is as told, and if an interval allows more."""
    size, asked_for = costs.smallest, costs.efficiency
    assert size
    ends = [end for end in (ratio.low, ratio.high) if end is not None]
    is_good = abs(ratio.value - asked_for) <= POINTS
    is_wide = not ends or max(abs(end - asked_for) for end in ends) > POINTS
    unsure = size.interval is None or size.interval.low < size.value / 2
    work = costs.by_term[WORK]
    print(
        f"{costs.place}: tasks of {format_seconds(size.value)} are {ratio.value:.1%} efficient "
        f"[{', '.join(f'{end:.1%}' for end in ends)}], told {asked_for:.0%}; "
        f"bar {100 * POINTS:.0f} points; work × {work.value if work else 1:.2f}",
        flush=True,
    )
    return is_good, is_wide or unsure


def main() -> None:
    """Measure both, and exit with 1 if a bar is missed."""
    schedulers = sys.argv[1:] or SCHEDULERS
    with TemporaryDirectory() as folder:
        good = [repeated(check, schedulers, Path(folder)) for check in (injected, rule)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
