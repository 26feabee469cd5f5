"""What disturbed a run, or would surprise its reader: one plain line each, and only where the
samples show it. One file a subject, and one line here to register it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

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
from daskbench.stats.names import titles_of

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

#: Those whose lines name no row, and so their table.
_OF_TABLES: tuple[Rule, ...] = (*limits.RULES, *thresholds.RULES, schedulers.shared_lock)


def findings_of(results: Run, groups: list[Group]) -> list[str]:
    """Return a line for each thing found, the most telling first.

    Where there are several tables, each line says which one it is about.
    """
    named = _named(groups)
    found: list[str] = []
    for rule in RULES:
        if rule in _OF_TABLES:
            for title, group in named:
                lines = rule(results, [group])
                found += (f"{title}: {line}" if title else line for line in lines)
        else:
            found += rule(results, [group for _, group in named])
    return found


def _named(groups: list[Group]) -> list[tuple[str, Group]]:
    """Return the tables with their titles, which the labels of their rows bear as well."""
    cases = [[(row.number, row.suite, row.case) for row in group.results] for group in groups]
    return [
        (title, replace(group, results=tuple(replace(r, table=title) for r in group.results)))
        for title, group in zip(titles_of(cases), groups, strict=True)
    ]
