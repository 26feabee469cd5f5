"""The memory of Dask's workers over time: one summary per worker, from the readings of its case."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from daskbench.events import Reading, WorkerEvent
from daskbench.journal.run import Run
from daskbench.stats.results import Result

CATEGORIES = ("process", "managed", "unmanaged", "unmanaged_recent", "spilled")
#: The category that each threshold, a fraction of the limit, applies to.
MEASURED_BY = {
    "target": "managed",
    "spill": "process",
    "pause": "process",
    "terminate": "process",
}


#: The event that shows that a threshold has acted.
ACTS = {"pause": "paused", "terminate": "terminated"}


def evicted_bytes(reading: Reading, threshold: str) -> int:
    """Return the bytes that went to disk because of ``target`` or ``spill``; 0 for the others."""
    if threshold == "target":
        return reading.written_bytes - reading.monitor_bytes
    return reading.monitor_bytes if threshold == "spill" else 0


def bytes_of(reading: Reading, category: str) -> int:
    """Return the bytes of a category in a reading."""
    held: int = getattr(reading, f"{category}_bytes")
    return held


@dataclass(frozen=True)
class WorkerMemory:
    """One worker of a case, including those that replaced it after it died.

    Peaks and means are in bytes, by category; means weight each reading by the time since the
    previous one. `states` are in seconds.
    """

    worker: str
    readings: Sequence[Reading]
    events: Sequence[WorkerEvent]

    def peak_bytes(self, category: str) -> int:
        """Return the peak of a category, by readings, and for the process by its nanny."""
        most = max((bytes_of(reading, category) for reading in self.readings), default=0)
        return max(most, self.seen_bytes) if category == "process" else most

    @property
    def seen_bytes(self) -> int:
        """The peak of its process as seen by its nanny, which checks more often than heartbeats."""
        return max((event.rss_bytes or 0 for event in self.events), default=0)

    def mean_bytes(self, category: str) -> float:
        """Return the mean over time of a category."""
        spans = sum(reading.span_s for reading in self.readings)
        if not spans:
            return float(self.peak_bytes(category))
        return sum(bytes_of(one, category) * one.span_s for one in self.readings) / spans

    @cached_property
    def states(self) -> Mapping[str, float]:
        """The seconds in each state, by the readings at their ends.

        Pauses are mostly shorter than the time between readings, so they come from events.
        """
        seconds: dict[str, float] = {"running": 0.0}
        for reading in self.readings:
            seconds[reading.state] = seconds.get(reading.state, 0.0) + reading.span_s
        if self.count("paused"):
            both_s = seconds["running"] + seconds.get("paused", 0.0)
            seconds["paused"] = min(self._paused_s(), both_s)
            seconds["running"] = both_s - seconds["paused"]
        return seconds

    def _paused_s(self) -> float:
        """Return the seconds from each pause to its end, or to that of the readings."""
        total_s, since = 0.0, None
        for event in self.events:
            if event.what == "paused" and since is None:
                since = event.at_s
            elif event.what in ("resumed", "left") and since is not None:
                total_s += self.awake_s(event.at_s) - self.awake_s(since)
                since = None
        if since is not None and self.readings:
            total_s += max(0.0, self._awake[-1] - self.awake_s(since))
        return total_s

    @property
    def written_bytes(self) -> int:
        """Bytes spilled: written to disk, which may be the same data more than once."""
        return sum(reading.written_bytes for reading in self.readings)

    @property
    def read_bytes(self) -> int:
        """Bytes read back from disk."""
        return sum(reading.read_bytes for reading in self.readings)

    @property
    def disk_s(self) -> float:
        """Seconds of writing to disk and reading back; tasks may do so at the same time."""
        return sum(reading.write_s + reading.read_s for reading in self.readings)

    @property
    def shuffled_bytes(self) -> int:
        """Bytes that shuffles wrote to disk, which is not spilling."""
        return sum(reading.shuffle_written_bytes for reading in self.readings)

    def count(self, what: str) -> int:
        """Return how often an event happened."""
        return sum(event.what == what for event in self.events)

    @property
    def heartbeats(self) -> int:
        """The number of readings from heartbeats; the first is from before the work."""
        return sum(reading.span_s > 0 for reading in self.readings)

    @property
    def unbalanced(self) -> int:
        """How many readings have categories that don't add up."""
        return sum(not reading.balanced for reading in self.readings)

    def evicted_bytes(self, threshold: str) -> int:
        """Return the bytes that went to disk because of ``target`` or ``spill``."""
        return sum(evicted_bytes(reading, threshold) for reading in self.readings)

    def first_at(self, threshold: str, level_bytes: float) -> float | None:
        """Return when a threshold was first observed to be crossed, in seconds awake.

        Above `target` Dask evicts at once, so managed memory is seldom seen there, and evictions
        count instead. Readings of the nanny, which are more frequent, count too.
        """
        category = MEASURED_BY[threshold]
        crossed = (
            one.at_s
            for one in self.readings
            if bytes_of(one, category) > level_bytes or evicted_bytes(one, threshold)
        )
        acted = (
            event.at_s
            for event in self.events
            if event.what == ACTS.get(threshold)
            or (category == "process" and (event.rss_bytes or 0) > level_bytes)
        )
        times = [at_s for at_s in (next(crossed, None), next(acted, None)) if at_s is not None]
        return self.awake_s(min(times)) if times else None

    @cached_property
    def _awake(self) -> Sequence[float]:
        steps = (
            min(after.span_s, after.at_s - before.at_s) for before, after in pairwise(self.readings)
        )
        return list(accumulate(steps, initial=0.0))

    def awake_s(self, at_s: float) -> float:
        """Return how long it had been awake at a moment, counted from its first reading.

        While other cases are measured it is frozen: between two readings lies more time than the
        second one spans. What happens in between is taken to happen after the thaw.
        """
        following = bisect_right(self.readings, at_s, key=lambda reading: reading.at_s)
        if not following:
            return 0.0
        least = self._awake[following - 1]
        if following == len(self.readings):
            return least + at_s - self.readings[-1].at_s
        return max(least, self._awake[following] - (self.readings[following].at_s - at_s))


@dataclass(frozen=True)
class CaseMemory:
    """The memory of the workers of one case, with the limit of each (None if there is none)."""

    number: int
    label: str
    limit_bytes: int | None
    thresholds: Mapping[str, float]
    workers: tuple[WorkerMemory, ...]
    #: Its lane ended before it told the limit, which Dask may have chosen.
    is_limit_unknown: bool = False

    @property
    def is_seen(self) -> bool:
        """Whether any worker reported its memory while it worked."""
        return any(worker.heartbeats for worker in self.workers)

    def level_bytes(self, threshold: str) -> float | None:
        """Return a threshold in bytes; None if it is off, or there is no limit."""
        part = self.thresholds.get(threshold)
        return part * self.limit_bytes if part and self.limit_bytes else None


def memory_of(run: Run, results: Iterable[Result]) -> list[CaseMemory]:
    """Return the memory of each case's workers; cases without readings are left out."""
    found = []
    for result in results:
        readings, events = (
            run.readings.get(result.number, []),
            run.happenings.get(result.number, []),
        )
        if not readings:
            continue
        lane = run.lanes.get(result.number)
        names = sorted({reading.worker for reading in readings}, key=_in_order)
        workers = tuple(
            WorkerMemory(
                name,
                [reading for reading in readings if reading.worker == name],
                [event for event in events if event.worker == name],
            )
            for name in names
        )
        limit = lane.memory_limit_bytes if lane else result.case.memory_limit_bytes
        thresholds = lane.thresholds if lane else {}
        unknown = lane is None and limit is None
        found.append(CaseMemory(result.number, result.label, limit, thresholds, workers, unknown))
    return found


def _in_order(name: str) -> tuple[int, str]:
    """Numbers by their value, before all other names."""
    return (int(name), "") if name.isdigit() else (2**62, name)
