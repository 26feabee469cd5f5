"""Runs of graphs of known shape, whose times follow from costs that are known, too."""

from pathlib import Path
from typing import Any

import numpy as np

from daskbench.events import Event
from daskbench.experiments.overhead import EXPERIMENT
from daskbench.experiments.overhead.graphs import graph_of
from daskbench.experiments.overhead.rows import Costs, CostTable
from daskbench.experiments.report import Report, build
from daskbench.model import Case, Plan, Suite
from tests.unit.builders import here, make_lane, make_run, make_sample

#: Seconds of each cost; a busy task costs less of the graph's time, as several run at once.
SERIAL = {"fixed": 1e-3, "task": 3e-5, "busy": 2.5e-5, "dependency": 2e-6, "step": 0.0, "byte": 0.0}
BETWEEN = {
    "fixed": 1e-2,
    "task": 3e-4,
    "busy": 2e-4,
    "dependency": 3e-5,
    "step": 6e-4,
    "byte": 2e-9,
}
TRUTHS = {"synchronous": SERIAL, "threads": SERIAL, "distributed": BETWEEN}
#: What tasks of another benchmark work, by its parameter.
WORKS_S = 2e-8


def suite_of(benchmark: str = "empty_tasks", **values: Any) -> Suite:
    chosen = {"schedulers": ("synchronous", "distributed"), **values}
    chosen = {key.replace("_", "-"): value for key, value in chosen.items()}
    return EXPERIMENT.make("overhead", benchmark, chosen, here(2))


def seconds_of(case: Case, grows: float = 1.0) -> float:
    """What a sample of a case takes, where tasks of large graphs cost `grows` times as much."""
    costs, threads = TRUTHS[case.scheduler], case.workers or 1
    if (graph := graph_of(case)) is None:
        n, tasks = case.parameters["n"], case.parameters["tasks"]
        assert isinstance(n, int)
        assert isinstance(tasks, int)
        work_s = n * tasks * WORKS_S
        each = costs["task"]
        return costs["fixed"] + tasks * each + work_s / threads
    each = costs["busy" if graph.work_s else "task"] * (grows if graph.tasks > 2000 else 1.0)
    return (
        costs["fixed"]
        + each * graph.tasks
        + costs["dependency"] * graph.dependencies
        + costs["step"] * graph.steps
        + costs["byte"] * graph.handed_bytes
        + graph.work_s / threads
    )


def events_of(
    suite: Suite, rounds: int = 6, noise: float = 0.01, grows: float = 1.0, slower: float = 1.0
) -> list[Event]:
    chance = np.random.default_rng(3)
    events: list[Event] = [
        make_lane(number, workers=case.workers) for number, case in enumerate(suite.cases)
    ]
    for round_number in range(1, rounds + 1):
        for number, case in enumerate(suite.cases):
            graph = graph_of(case)
            tasks = graph.tasks if graph else int(case.parameters["tasks"])
            wall_s = slower * seconds_of(case, grows=grows) * float(np.exp(noise * chance.normal()))
            proof = {"tasks_expected": tasks, "tasks_run": tasks}
            events.append(make_sample(number, round_number, wall_s, build_s=1.0, **proof))
    return events


def report_of(folder: Path, suite: Suite, **more: Any) -> Report:
    return build(make_run(folder, events_of(suite, **more), Plan((suite,))))


def costs_of(report: Report) -> dict[str, Costs]:
    [table] = [table for table in report.tables if isinstance(table, CostTable)]
    return {costs.place: costs for costs in table.costs}
