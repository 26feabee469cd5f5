"""The account of a sample: where the time of its threads went, by cause."""

from collections.abc import Mapping

import msgspec

from daskbench.lane.protocol import CAUSES, Cause
from daskbench.ranges import Bytes, Count, CountFromOne, Seconds, SessionNumber, Timed

__all__ = ["CAUSES", "Accounted", "Cause"]


class Accounted(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="account",
    tag_field="event",
):
    """Where the time went in a sample with instruments on, which counts in no other figure.

    `whole_s` is (`build_s` + `wall_s`) × `threads`; what the `causes` lack of it is unexplained.
    Inside tasks: CPU time is *computing*, of it `system_s` in the kernel; *cores* is waiting for a
    core, *waiting* all other (a lock, the GIL, I/O). Of threads in no task: *starting* pools,
    *graph* (to build and optimise it), *submitting* it, *scheduling* (a task was ready), *moving*
    data (also inside tasks), *disk* (spilling and reading back), *gathering* results, *own* (code
    of the work outside Dask); and where no task was ready, *imbalance* (others at the same level
    of the graph ran on) or *critical* (that level has fewer tasks than there are threads).
    `critical_path_s` is the longest chain of tasks that need each other. Of *waiting*, at most
    `gil_s` was for the GIL, and `beside_s` while other threads of the processes computed, as those
    that tasks start do; None where that is not measured. CPU quotas throttled processes for
    `throttled_s`. If the system does not tell of waiting for a core (`sees_cores`), that is
    *waiting*, too.
    """

    case: Count
    wall_s: Timed
    valid: bool
    threads: CountFromOne
    whole_s: Seconds
    causes: Mapping[Cause, Seconds]
    loops: CountFromOne = 1
    launch: Count = 0
    session: SessionNumber = 0
    reason: str | None = None
    at_s: Seconds = 0.0
    build_s: Seconds = 0.0
    system_s: Seconds = 0.0
    critical_path_s: Seconds = 0.0
    longest_task_s: Seconds = 0.0
    tasks: Count = 0
    moved_bytes: Bytes = 0
    spilled_bytes: Bytes = 0
    gil_s: Seconds | None = None
    beside_s: Seconds | None = None
    throttled_s: Seconds = 0.0
    sees_cores: bool = True
    notes: tuple[str, ...] = ()

    @property
    def loop_s(self) -> float:
        """Seconds of one loop, including building."""
        return (self.build_s + self.wall_s) / self.loops
