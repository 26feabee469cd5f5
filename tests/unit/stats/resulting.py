"""What several tests of results share."""

from pathlib import Path

from daskbench.journal.run import Run
from daskbench.model import Case
from daskbench.stats.groups import Group
from daskbench.stats.results import Result
from tests.unit.builders import (
    NUMPY_S,
    groups_of,
    make_plan,
    make_run,
    make_svd_suite,
    timed,
)


def results_of(run: Run) -> list[Result]:
    return [result for group in groups_of(run) for result in group.results]


def groups_for(folder: Path, *cases: Case) -> list[Group]:
    events = [sample for number in range(len(cases)) for sample in timed(number, NUMPY_S)]
    return groups_of(make_run(folder, events, make_plan(make_svd_suite(*cases))))
