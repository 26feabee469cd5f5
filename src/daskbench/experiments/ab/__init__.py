"""Which of two environments is faster: each case on both sides, in the same rounds."""

from collections.abc import Sequence
from typing import ClassVar

from daskbench.document.sides import what_differs
from daskbench.experiments.ab import plan
from daskbench.experiments.ab.rows import compare_sides
from daskbench.experiments.base import Experiment, Part
from daskbench.journal.run import Run
from daskbench.model import FEWEST, Suite
from daskbench.stats.tables import Numbered


class AB(Experiment):
    """Compares two sides; the comparison replaces its tables, once there is one."""

    keys: ClassVar = plan.KEYS | plan.SIDES
    make = staticmethod(plan.make)

    def foretold(self, suite: Suite) -> list[str]:
        """Return how the sides differ, and that too few launches decide nothing."""
        launches = suite.settings.launches
        few = f"no verdict: {launches} launches give no interval; use {FEWEST} or more"
        return [*what_differs(suite.sides), *([few] if 1 < launches < FEWEST else [])]

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Leave the tables to the comparison of the run's sides."""
        part = super().read(run, suite, numbered, published)
        if compare_sides(run) is None:
            return part
        return Part(suite, part.tables, (), part.failed)


EXPERIMENT = AB()
