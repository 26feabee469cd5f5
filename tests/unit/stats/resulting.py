"""What several tests of results share."""

from pathlib import Path

from daskbench.journal.run import Run
from daskbench.model import Case
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from tests.unit.builders import (
    NUMPY_S,
    make_plan,
    make_run,
    make_svd_suite,
    result_tables_of,
    timed,
)


def results_of(run: Run) -> list[Result]:
    return [result for table in result_tables_of(run) for result in table.results]


def tables_for(folder: Path, *cases: Case) -> list[ResultTable]:
    events = [sample for number in range(len(cases)) for sample in timed(number, NUMPY_S)]
    return result_tables_of(make_run(folder, events, make_plan(make_svd_suite(*cases))))
