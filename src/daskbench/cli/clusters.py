"""The job scripts of clusters whose workers are jobs, before anything is submitted."""

from collections.abc import Iterator

from daskbench.conductor.opening import command_of
from daskbench.errors import UsageError
from daskbench.lane.deploy import is_queue, make_deployment
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Plan, Suite


def check(plan: Plan) -> None:
    """Raise UsageError if jobs can't be described with the options of a cluster."""
    for suite in plan.suites:
        for _ in _scripts(suite):
            pass


def lines_of(suite: Suite) -> Iterator[str]:
    """Yield the job scripts of a suite, one for each of its cases that differs."""
    for case, script in _scripts(suite):
        yield f"{case.place}: each job runs"
        yield from (f"    {line}" for line in script.splitlines() if line)


def _scripts(suite: Suite) -> Iterator[tuple[Case, str]]:
    if not is_queue(suite.cluster.kind):
        return
    from daskbench.lane.causes import Explained

    told = set()
    for case in suite.cases:
        if SCHEDULERS[case.scheduler].takes_cluster and not case.skip:
            try:
                script = make_deployment(command_of(case, suite, 0, None)).script_of()
            except Explained as error:
                raise UsageError(f"--cluster {error}") from error
            if script not in told:
                told.add(script)
                yield case, script
