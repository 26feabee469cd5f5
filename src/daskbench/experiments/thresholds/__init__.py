"""Do the memory thresholds of workers act as documented: each is crossed on purpose."""

from collections.abc import Sequence
from typing import ClassVar

from daskbench.experiments.base import Experiment, Part, has_failed
from daskbench.experiments.thresholds import plan
from daskbench.experiments.thresholds.document import COLUMNS, section_of
from daskbench.experiments.thresholds.findings import RULES
from daskbench.experiments.thresholds.rows import checks_of, record_of
from daskbench.journal.run import Run
from daskbench.model import Suite
from daskbench.stats.tables import Numbered


class ThresholdChecks(Experiment):
    """Compares what Dask documents about each threshold with what was observed."""

    rules = RULES
    columns: ClassVar = COLUMNS
    make = staticmethod(plan.make)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return one row per threshold; one that does not act as documented has failed."""
        checks = checks_of(run, suite, numbered)
        differs = any(check and check.verdict != "agrees" for check in checks.checks)
        figures = {row.number: record_of(check) for row, check in checks.checked if check}
        return Part(
            suite,
            (checks,),
            (section_of(checks),),
            failed=differs or has_failed([checks]),
            figures=figures,
            tells_memory=True,
        )


EXPERIMENT = ThresholdChecks()
