"""Whether `daskbench overhead` finds what is known: injected sleep, cost per byte, and its rule.

On each scheduler two suites of the same graphs are measured: as they are, and with tasks that sleep
for a known time, which no term of the fit knows of. Those that return bytes also sleep for each
byte. The costs must differ by what was injected. Then tasks are made as large as `overhead` says
that they must be for 90 % efficiency, and the efficiency is measured.

    task_cost.py [SCHEDULER...]
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from daskbench.benchmarks import known
from daskbench.cli.here import HERE
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import RunOptions
from daskbench.cli.recording import record
from daskbench.experiments.overhead import EXPERIMENT
from daskbench.experiments.overhead.plan import GRAPHS
from daskbench.experiments.overhead.rows import BYTE, TASK, Costs, CostTable
from daskbench.experiments.report import build
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.model import Case, Plan, Suite
from daskbench.units import format_seconds, parse_bytes

SCHEDULERS = ("synchronous", "threads", "processes-warm", "distributed", "distributed-inproc")
SLEEP_S, A_BYTE_S = 10e-3, 20e-9
BAR, POINTS = 0.10, 0.05
ROUNDS = 5
#: Graphs that tell the terms apart, with few tasks, as each of them sleeps.
DESIGN = {"tasks": (20, 100), "shape": ("wide", "grid"), "busy": ("",), "returns": ("1MB",)}


def measured(suite: Suite, folder: Path) -> tuple[Run, dict[str, Costs]]:
    """Measure a suite; return the run, and the costs at each place."""
    with Interruption() as interruption:
        options = RunOptions(folder, progress=False)
        path, _ = record(Plan((suite,)), "task-cost", options, interruption)
    run = read_run(path)
    assert not run.failures, run.failures
    assert all(samples.counted.sum() == samples.measured.sum() for samples in run.samples.values())
    tables = [table for table in build(run).tables if isinstance(table, CostTable)]
    return run, {costs.place: costs for table in tables for costs in table.costs}


def sleepy(case: Case) -> Case:
    """Return a case whose tasks sleep, longer if they return bytes."""
    returned = str(case.parameters["returns"])
    sleep_s = SLEEP_S + A_BYTE_S * (parse_bytes(returned) if returned else 0)
    parameters = {**case.parameters, "sleep": f"{1e3 * sleep_s:g}ms"}
    return msgspec.structs.replace(case, parameters=parameters)


def injected(schedulers: Sequence[str], folder: Path) -> bool:
    """Print what was found of what was injected; return whether all of it was."""
    values = {**DESIGN, "schedulers": tuple(schedulers), "rounds": ROUNDS, "budget": 3600.0}
    suite = EXPERIMENT.make("task-cost", GRAPHS, values, HERE)
    _, plain = measured(suite, folder)
    asleep = msgspec.structs.replace(suite, cases=tuple(map(sleepy, suite.cases)))
    _, slept = measured(asleep, folder)
    good = True
    for place, costs in slept.items():
        for term, truth_s in ((TASK, SLEEP_S), (BYTE, A_BYTE_S)):
            # Of tasks that sleep beside each other, a graph waits for the share of one thread.
            found_s = costs.threads * difference(costs, plain[place], term)
            off = found_s / truth_s - 1
            good &= abs(off) <= BAR
            print(
                f"{place}: {format_seconds(truth_s)} per {term}, found {format_seconds(found_s)} "
                f"({off:+.1%}); bar {BAR:.0%}",
                flush=True,
            )
    return good


def difference(one: Costs, other: Costs, term: str) -> float:
    """Return by how many seconds two costs differ."""
    a, b = one.by_term[term], other.by_term[term]
    assert a
    assert b
    return a.value - b.value


def rule(schedulers: Sequence[str], folder: Path) -> bool:
    """Print the efficiency of tasks of the size that was told; return whether it is reached."""
    values = {"schedulers": tuple(schedulers), "rounds": 10, "budget": 60.0}
    suite = EXPERIMENT.make("task-cost", GRAPHS, values, HERE)
    run, found = measured(suite, folder)
    first = run.cases[0][2].parameters
    cases = []
    for costs in found.values():
        case = costs.graphs[0].result.case
        assert costs.smallest
        large = {"tasks": 1 + 100 * costs.threads, "busy": f"{1e3 * costs.smallest.value:.4g}ms"}
        cases.append(msgspec.structs.replace(case, parameters={**first, "shape": "wide", **large}))
    sized = msgspec.structs.replace(suite, cases=tuple(cases))
    run, _ = measured(sized, folder)
    good = True
    for (number, _, case), costs in zip(run.cases, found.values(), strict=True):
        graph = known(case.benchmark).graph
        assert graph
        samples = run.samples[number]
        wall_s = float(np.median(samples["wall_s"][samples.counted]))
        share = graph(case.parameters).work_s / costs.threads / wall_s
        good &= abs(share - costs.efficiency) <= POINTS
        print(
            f"{costs.place}: tasks of {case.parameters['busy']} are {share:.1%} efficient, told "
            f"{costs.efficiency:.0%}; bar {100 * POINTS:.0f} points",
            flush=True,
        )
    return good


def main() -> None:
    """Measure both, and exit with 1 if a bar is missed."""
    schedulers = sys.argv[1:] or SCHEDULERS
    with TemporaryDirectory() as folder:
        good = [check(schedulers, Path(folder)) for check in (injected, rule)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
