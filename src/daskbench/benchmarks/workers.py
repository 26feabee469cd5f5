"""Optional parts of a benchmark that measures the workers themselves, and what lies between them.

They complete those of `daskbench.benchmarks.base`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A message from one worker to another; `daskbench.events.Transfer` documents the fields."""

    source: str
    target: str
    source_address: str
    target_address: str
    sent_bytes: int
    returned: bool = False
    same_host: bool = False
    first_s: float | None = None
    seconds: Sequence[float] = ()
    reason: str | None = None


@runtime_checkable
class MeetsWorkers(Protocol):
    """A benchmark that needs to know its workers."""

    def meet(self, workers: Sequence[str]) -> None:
        """Remember the addresses of the workers in use; called before `prepare`."""
        ...
