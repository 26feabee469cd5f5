"""What the tool asks of a benchmark: one of ours here, a user's in a process of its own."""

from functools import cache

from daskbench.asking.direct import Direct
from daskbench.asking.remote import Remote, end_helpers
from daskbench.asking.subject import Subject
from daskbench.benchmarks import file_of

__all__ = ["Subject", "end", "subject"]


@cache
def subject(benchmark: str) -> Subject:
    """Return whom to ask about a benchmark. Raises UsageError where there is none."""
    return Remote(benchmark) if file_of(benchmark) else Direct.find(benchmark)


def end() -> None:
    """End the processes that hold users' files; asked again, they start again."""
    subject.cache_clear()
    end_helpers()
