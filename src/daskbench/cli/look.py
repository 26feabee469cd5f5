"""Look at what is computed: the task graph, Dask's performance report, the dashboard."""

import functools
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from daskbench.asking import subject
from daskbench.benchmarks.drawing import check_drawing
from daskbench.cli.file_options import file_option
from daskbench.cli.files import write_bytes
from daskbench.cli.options import RunOptions
from daskbench.cli.say import say
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Plan


def look_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--graph`` and ``--performance-report``, handed over in the ``run_options``."""

    @functools.wraps(function)
    def with_run_options(
        *, run_options: RunOptions, graph: str | None, performance_report: str | None, **rest: Any
    ) -> Any:
        run_options = replace(run_options, graph=graph, performance_report=performance_report)
        return function(run_options=run_options, **rest)

    add_graph = file_option(
        "--graph",
        help="First draw the task graph to this .svg, .png or .pdf file (needs Graphviz).",
    )
    add_report = file_option(
        "--performance-report",
        help="Write Dask's HTML report of an extra sample of the first distributed case.",
    )
    return add_graph(add_report(with_run_options))


def check(plan: Plan, run_options: RunOptions) -> None:
    """Raise UsageError, before anything slow, if a requested file can't be made."""
    if run_options.graph:
        check_drawing(Path(run_options.graph))
    if run_options.performance_report:
        if find_spec("bokeh") is None:
            raise UsageError(
                "--performance-report needs the Python package bokeh: pip install 'daskbench[look]'"
            )
        if reported_case(plan) is None:
            raise UsageError("--performance-report needs distributed; add it to --schedulers")


def reported_case(plan: Plan) -> int | None:
    """Return the number of the first case whose scheduler writes a report."""
    return next(
        (n for n, _, case in plan.cases if SCHEDULERS[case.scheduler].reports and not case.skip),
        None,
    )


def draw_graph(plan: Plan, name: str, *, force: bool) -> None:
    """Draw the graph of the first case that has one, and describe it on stderr."""
    for _, _, case in plan.cases:
        if found := subject(case.benchmark).draw(case.parameters, plan.seed, name):
            write_bytes(name, found.picture, force=force, quiet=True)
            say(found.told, err=True)
            return
    raise UsageError("--graph: nothing here has a task graph")
