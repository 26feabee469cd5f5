"""Memory thresholds that did not act as documented."""

from collections.abc import Iterator

from daskbench.experiments.thresholds.rows import Checks
from daskbench.findings.rules import WORKER_MEMORY, Rule
from daskbench.journal.run import Run


def not_as_documented(run: Run, tables: list[Checks]) -> Iterator[str]:
    """How a threshold differs from the documentation, or why it was not reached."""
    for check in (check for table in tables for check in table.checks):
        if check is None or check.verdict == "agrees":
            continue
        name, in_force = check.threshold, check.documented_fraction
        if check.verdict == "differs":
            yield f"{name} does not act as documented: {'; '.join(check.differences)}"
        elif in_force:
            yield f"{name} was not reached: it is set to {in_force:.0%}, and {check.observed}"
        else:
            yield f"{name} was not reached: it is off, and {check.observed}"


RULES = (Rule(not_as_documented, per_table=True, see=WORKER_MEMORY),)
