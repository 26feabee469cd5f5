"""Four small workloads, each of which drives a worker over one of its memory thresholds."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol
from uuid import uuid4

from daskbench.benchmarks.base import SHIPPED
from daskbench.benchmarks.worker_memory import driving
from daskbench.benchmarks.worker_memory.blocks import WithBlocks, listed, task
from daskbench.benchmarks.worker_memory.ramp import STEP, Record

#: Blocks of managed data beyond the target: this many are spilled, and one more.
MORE_BLOCKS = 6


class Overload(Protocol):
    """A workload: one graph, whose first result is the record of observations.

    `held` is the fraction of the limit in blocks before the ramp begins; `beside` are the
    thresholds that are on in addition to its own.
    """

    workers: ClassVar[int]
    threads: ClassVar[int]
    held: ClassVar[float]
    beside: ClassVar[tuple[str, ...]]

    def __init__(self, seed: int) -> None: ...

    def collection(self) -> Sequence[Any]:
        """Build the tasks."""
        ...

    def record(self, results: Sequence[Any]) -> Record:
        """Return the observations, from the results of all tasks."""
        ...

    def figures(self, record: Record) -> Mapping[str, float]:
        """Return what followed as figures, from which the check is decided."""
        ...

    def follows(self, record: Record) -> str:
        """Describe what followed."""
        ...

    def wrong(self, record: Record) -> str | None:
        """Return what is wrong with the answer, if anything."""
        ...


class Target(WithBlocks):
    """Managed memory grows block by block."""

    again: ClassVar[tuple[int, ...]] = (0, 1, 2)

    def collection(self) -> Sequence[Any]:
        """Return a task that observes, and the blocks: a few more than fit below the target."""
        import dask

        target = dask.config.get("distributed.worker.memory.target", None) or SHIPPED["target"]
        count = int(target / STEP) + MORE_BLOCKS
        look = task(driving.watch_managed, "look", count, STEP)
        blocks, _ = self.chain(count, STEP, again_after=count // 2)
        return [look, *self.sums(blocks, look)]


class Spill(WithBlocks):
    """Unmanaged memory grows, beside a few blocks."""

    held: ClassVar[float] = 0.2
    beside: ClassVar[tuple[str, ...]] = ("target",)
    again: ClassVar[tuple[int, ...]] = (0,)
    _blocks: ClassVar[int] = 5

    def collection(self) -> Sequence[Any]:
        """Return the ramp, which begins when the blocks exist."""
        blocks, end = self.chain(self._blocks, self.held / self._blocks, again_after=self._blocks)
        ramp = task(driving.drive_to_spill, "ramp", end)
        return [ramp, *self.sums(blocks, ramp)]

    def figures(self, record: Record) -> Mapping[str, float]:
        """Return what was spilled, and the process memory at which that ended."""
        ends = {name: record[name] for name in ("stopped_at", "stop_below")}
        return {**super().figures(record), **ends}

    def follows(self, record: Record) -> str:
        """Describe which blocks were spilled, and at what memory that ended."""
        return f"{super().follows(record)}; it ended at {record['stopped_at']:.1%}"


class Pause:
    """A task allocates memory while another runs and more wait."""

    workers: ClassVar[int] = 1
    threads: ClassVar[int] = 2
    held: ClassVar[float] = 0.0
    beside: ClassVar[tuple[str, ...]] = ()
    _waiting: ClassVar[int] = 6

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def collection(self) -> Sequence[Any]:
        """Return two tasks that occupy both threads, and those that wait for one."""
        import dask

        token = uuid4().hex
        with dask.annotate(priority=1):
            both = [
                task(driving.drive_to_pause, "ramp", token),
                task(driving.run_beside, "beside", token),
            ]
        with dask.annotate(priority=0):
            waiting = [task(driving.wait_turn, "waiting", n) for n in range(self._waiting)]
        return [*both, *waiting]

    def record(self, results: Sequence[Any]) -> Record:
        """Return the observations of all tasks."""
        record, ended_in_pause, *waiting = results
        return {**record, "ended_in_pause": ended_in_pause, "waiting": waiting}

    def figures(self, record: Record) -> Mapping[str, float]:
        """Return which task ended, and when others started."""
        starts = [began for _, began in record["waiting"]]
        paused, freed = record["paused_at"], record["freed_at"]
        resumed = {"resume_s": record["resume_s"]} if "resume_s" in record else {}
        return {
            "ended_in_pause": float(record["ended_in_pause"]),
            "started_in_pause": float(sum(paused < began < freed for began in starts)),
            "started_after": float(sum(began >= freed for began in starts)),
            "resumed_at": record["resumed_at"],
            **resumed,
        }

    def follows(self, record: Record) -> str:
        """Describe the same."""
        found = self.figures(record)
        early, late = found["started_in_pause"], found["started_after"]
        ended = "ended" if found["ended_in_pause"] else "did not end"
        seconds = record["freed_at"] - record["paused_at"]
        memory = f"memory was released, at {found['resumed_at']:.0%}"
        back = (
            f"{found['resume_s'] * 1000:.0f} ms after {memory}, it resumed and {late:.0f} started"
            if "resume_s" in found
            else f"it did not resume after {memory}"
        )
        return (
            f"the other running task {ended}; of {early + late:.0f} waiting, {early:.0f} started "
            f"in {seconds:.1f} s with a free thread; {back}"
        )

    def wrong(self, record: Record) -> str | None:
        """Check what the waiting tasks returned."""
        right = [number**2 for number in range(self._waiting)]
        found = [value for value, _ in record["waiting"]]
        return None if found == right else f"the waiting tasks returned {found}"


class Terminate(WithBlocks):
    """A task allocates memory on one of two workers, both of which hold blocks."""

    workers: ClassVar[int] = 2
    threads: ClassVar[int] = 1
    held: ClassVar[float] = 0.16
    _blocks: ClassVar[int] = 8

    def collection(self) -> Sequence[Any]:
        """Return the ramp, which runs on the first block's worker when all blocks exist."""
        self.folder = Path(tempfile.mkdtemp())  # in the lane's folder, removed with it
        made, part = str(self.folder / "made"), self.held / self._blocks
        blocks = [
            task(driving.make_block, f"block-{n}", 0, self.seed, n, part, made)
            for n in range(self._blocks)
        ]
        there = [task(driving.then, "then", block) for block in blocks]
        log = str(self.folder / "ramp")
        ramp = task(driving.drive_to_termination, "ramp", blocks[0], there, log)
        return [ramp, *self.sums(blocks, ramp)]

    def record(self, results: Sequence[Any]) -> Record:
        """Return the observations, which process created which blocks, and which are alive."""
        import psutil

        record = super().record(results)
        lines = (self.folder / "made").read_text().splitlines()
        made = [(int(number), int(pid)) for number, pid in map(str.split, lines)]
        before, again = made[: self._blocks], made[self._blocks :]
        others = {pid for _, pid in before} - {record["pid"]}
        return record | {
            "lost": sorted(number for number, pid in before if pid == record["pid"]),
            "again": sorted(number for number, _ in again),
            "ended": not psutil.pid_exists(record["pid"]),
            "others": len(others),
            "others_ended": sum(not psutil.pid_exists(pid) for pid in others),
        }

    def figures(self, record: Record) -> Mapping[str, float]:
        """Return which processes ended, and how many blocks were lost and recomputed."""
        return {
            "ended": float(record["ended"]),
            "others": float(record["others"]),
            "others_ended": float(record["others_ended"]),
            "lost": float(len(record["lost"])),
            "made_again": float(len(record["again"])),
            "made_for_nothing": float(len(set(record["again"]) - set(record["lost"]))),
        }

    def follows(self, record: Record) -> str:
        """Describe the same."""
        other = "was terminated too" if record["others_ended"] else "stayed"
        return (
            f"its process was terminated, the other's {other}; lost with it: "
            f"{listed(record['lost'])}; recomputed: {listed(record['again'])}"
        )


OVERLOADS: Mapping[str, type[Overload]] = {
    "target": Target,
    "spill": Spill,
    "pause": Pause,
    "terminate": Terminate,
}
