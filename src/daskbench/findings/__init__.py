"""What disturbed a run, or would surprise its reader: one plain line each, and only where the
samples show it. One file a subject, and one line here to register it.
"""

from collections.abc import Callable, Iterator

from daskbench.findings import (
    identity,
    limits,
    linalg,
    machine,
    memory,
    run,
    samples,
    schedulers,
    thresholds,
)
from daskbench.journal.run import Run
from daskbench.stats.groups import Group

Rule = Callable[[Run, list[Group]], Iterator[str]]

RULES: tuple[Rule, ...] = (
    *limits.RULES,
    *run.RULES,
    *thresholds.RULES,
    *schedulers.RULES,
    *memory.RULES,
    *linalg.RULES,
    *samples.RULES,
    *identity.RULES,
    *machine.RULES,
)


def findings_of(results: Run, groups: list[Group]) -> list[str]:
    """Return a line for each thing found, the most telling first."""
    return [line for rule in RULES for line in rule(results, groups)]
