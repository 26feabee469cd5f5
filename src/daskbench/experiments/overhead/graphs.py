"""Which graphs of a suite the costs of a task are fitted to."""

from daskbench import benchmarks
from daskbench.benchmarks.base import Graph
from daskbench.model import Case

#: Costs are fitted to graphs of up to so many tasks: larger ones show whether they stay the same.
FITTED = 2000


def graph_of(case: Case) -> Graph | None:
    """Return what the graph of a case consists of; None if that is not known."""
    return benchmarks.graph_of(case.benchmark, case.parameters)


def is_large(case: Case) -> bool:
    """Whether a case only shows if costs stay the same: it has many tasks that do nothing."""
    graph = graph_of(case)
    return graph is not None and graph.tasks > FITTED and not graph.work_s
