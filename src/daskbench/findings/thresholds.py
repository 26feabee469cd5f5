"""Thresholds of memory that did not do what is documented of them."""

from collections.abc import Iterator

from daskbench.journal.run import Run
from daskbench.stats.groups import Group


def not_as_documented(run: Run, groups: list[Group]) -> Iterator[str]:
    """What differs, or why a threshold was not reached."""
    for passage in (row.passage for group in groups for row in group.results):
        if passage is None or passage.verdict == "agrees":
            continue
        name, in_force = passage.threshold, passage.documented_fraction
        if passage.verdict == "differs":
            yield f"{name} differs from what is documented: {'; '.join(passage.differences)}"
        elif in_force:
            yield f"{name} was not reached: it is {in_force:.0%}, and {passage.observed}"
        else:
            yield f"{name} was not reached: it is off, and {passage.observed}"


RULES = (not_as_documented,)
