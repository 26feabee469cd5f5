"""Queries to a benchmark before it is measured: built-in ones here, users' in helper processes."""

from functools import cache

from daskbench.asking.direct import Direct
from daskbench.asking.remote import Remote, check_factory, end_helpers
from daskbench.asking.subject import Subject
from daskbench.benchmarks.targets import target_of

__all__ = ["Subject", "check_factory", "end", "subject"]


@cache
def subject(benchmark: str) -> Subject:
    """Return the subject that answers for a benchmark. Raises UsageError if there is none."""
    return Remote(benchmark) if target_of(benchmark) else Direct.find(benchmark)


def end() -> None:
    """End the helper processes; further queries start new ones."""
    subject.cache_clear()
    end_helpers()
