"""A ReFrame test: daskbench runs here, no row fails, and the median of each row is recorded.

reframe -c packaging/reframe/daskbench_check.py -r --performance-report
"""

import json
from pathlib import Path
from typing import Any

import reframe as rfm
import reframe.utility.sanity as sn
from reframe.core.builtins import run_before, sanity_function


@rfm.simple_test
class DaskbenchSchedulers(rfm.RunOnlyRegressionTest):
    """The schedulers of Dask on calc_mean, each with two workers."""

    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    executable = "daskbench"
    executable_opts = [
        *("schedulers", "--n", "10000", "--tasks", "100", "--rounds", "5"),
        *("--schedulers", "numpy,threads,processes-warm,distributed", "--workers", "2"),
        *("--json", "results.json", "--no-progress"),
    ]
    keep_files = ["results.json"]
    time_limit = "10m"

    def _cases(self) -> list[dict[str, Any]]:
        text = Path(self.stagedir, "results.json").read_text(encoding="utf-8")
        cases: list[dict[str, Any]] = json.loads(text)["cases"]
        return cases

    @sanity_function
    def no_row_failed(self) -> Any:
        """Every row has a figure: its tasks ran, and its answers are right."""
        return sn.all(sn.assert_eq(case["status"], "ok") for case in self._cases())

    @run_before("performance")
    def set_variables(self) -> None:
        """Name a variable after each row, so that references can be set for it."""
        self.perf_variables = {
            case["scheduler"]: sn.make_performance_function(sn.defer(case["median_s"]), "s")
            for case in self._cases()
        }
