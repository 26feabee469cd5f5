"""How reliable are verdicts here: a case compared with itself, and with itself slowed down."""

from collections.abc import Sequence
from typing import ClassVar

from daskbench.experiments.base import Experiment, Part
from daskbench.experiments.calibration import plan
from daskbench.experiments.calibration.document import COLUMNS, sections_of, summary_of
from daskbench.experiments.calibration.rows import calibration_of, record_of
from daskbench.journal.run import Run
from daskbench.model import Suite
from daskbench.stats.tables import Numbered


class Calibrate(Experiment):
    """Counts false alarms, and how often a known slowdown is detected."""

    facts = ("calibrations",)
    keys: ClassVar = plan.KEYS
    columns: ClassVar = (*Experiment.columns, *COLUMNS)
    make = staticmethod(plan.make)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return the calibration once a comparison is complete; before, or on failures, times."""
        part = super().read(run, suite, numbered, published)
        numbers = [number for number, _, _ in numbered]
        found = calibration_of(run, suite, numbers)
        if found is None:
            return part
        times = part.sections if run.failures.keys() & {*numbers} else ()
        return Part(
            suite,
            part.tables,
            (*times, *sections_of(found)),
            part.failed,
            facts={"calibrations": [record_of(found)]},
        )


EXPERIMENT = Calibrate()


def told_by(run: Run) -> list[str]:
    """Return a one-line summary of each calibration of a run."""
    suites = {suite.name: suite for suite in run.plan.suites if suite.experiment.kind == plan.KIND}
    numbers = {
        name: [number for number, one, _ in run.cases if one is suite]
        for name, suite in suites.items()
    }
    found = (calibration_of(run, suite, numbers[name]) for name, suite in suites.items())
    return [summary_of(one) for one in found if one]
