"""Clusters that lanes would start: what is known of them before anything is submitted."""

from collections.abc import Iterator

from daskbench.asking import check_factory
from daskbench.benchmarks.targets import target_of
from daskbench.conductor.opening import command_of
from daskbench.config.clusters import named
from daskbench.errors import UsageError
from daskbench.lane import deploy
from daskbench.lane.causes import Explained
from daskbench.lane.deploy.own import asked_of
from daskbench.lane.protocol import Open
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Plan, Suite


def check(plan: Plan) -> None:
    """Raise UsageError for a cluster of which it is known that it can't be started."""
    for suite in plan.suites:
        for _, command in _distinct(suite):
            _check(command)


def _check(command: Open) -> None:
    kind, section = (str(command.cluster.get(key, "")) for key in ("kind", "section"))
    if target_of(kind):
        shown, given = kind.rpartition("/")[2], command.cluster.get("options") or {}
        try:
            check_factory(kind, shown=shown, options=given, asked=asked_of(command))
        except UsageError as error:
            raise UsageError(f"{named('', section)}: {error}") from error
        return
    try:
        deploy.check(command)
    except Explained as error:
        rest = str(error).removeprefix(kind)
        raise UsageError(f"{named(kind, section)}{rest}") from error


def lines_of(suite: Suite) -> Iterator[str]:
    """Yield the job scripts of a suite, one for each of its cases that differs."""
    if not deploy.is_queue(suite.cluster.kind):
        return
    told = set()
    for case, command in _distinct(suite):
        script = deploy.make_deployment(command).script_of()
        if script not in told:
            told.add(script)
            yield f"{case.place}: each job runs"
            yield from (f"    {line}" for line in script.splitlines() if line)


def _distinct(suite: Suite) -> Iterator[tuple[Case, Open]]:
    """Yield the cases on the suite's cluster whose workers differ in more than their number."""
    seen = set()
    for case in suite.cases:
        command = command_of(case, suite, 0, None)
        workers = command.threads_per_worker, command.memory_limit_bytes, command.blas_threads
        own = repr((command.cluster, workers, command.thresholds, bool(command.workers)))
        if SCHEDULERS[case.scheduler].takes_cluster and not case.skip and own not in seen:
            seen.add(own)
            yield case, command
