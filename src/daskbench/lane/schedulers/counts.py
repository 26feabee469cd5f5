"""What schedulers count of a sample."""

from dataclasses import dataclass


@dataclass
class Counts:
    """A proof that is filled in (`daskbench.lane.schedulers.base.Proof`)."""

    tasks_run: int = 0
    tasks_known: int | None = None
    computes: int = 0
    tasks_reused: int = 0
    stray: str | None = None
    first_task: float | None = None
    workers_lost: int = 0
    workers_rss_bytes: int | None = None
