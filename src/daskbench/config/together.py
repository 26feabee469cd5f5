"""Whether this machine's resources allow the lanes of a suite to be open at once, or at all.

Lanes keep their files, processes and memory while they wait for their turn; the memory that they
need for data is forecast by `daskbench.config.preflight`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import msgspec

from daskbench import resources
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Suite
from daskbench.resources import Limit
from daskbench.stats.tables import lanes_of
from daskbench.units import format_bytes

#: Files that daskbench itself has open for each lane (its two pipes), and in addition to those:
#: the journal, the reaper's pipe, and more for a lane that is just starting.
FILES_A_LANE, _FILES_BESIDE = 2, 16
#: The reaper, and the thread that draws progress.
_TASKS_BESIDE = 2
#: Lanes together may hold this fraction of the memory.
_TOGETHER = 0.8


@dataclass(frozen=True)
class Room:
    """Resources left for lanes: bytes, files here and in each lane, processes and threads, and
    cores.
    """

    memory: Limit
    files: Limit
    files_in_lane: Limit
    tasks: Limit
    cores: int = 1

    @classmethod
    def here(cls) -> Self:
        """Return what is left now; lanes keep the soft limit of files."""
        return cls(
            memory=resources.memory(),
            files=resources.files_left(),
            files_in_lane=resources.files(),
            tasks=resources.tasks_left(),
            cores=int(resources.cores().amount),
        )


def find_room(suite: Suite, room: Room, *, force: bool) -> Suite:
    """Return the suite with lanes that cannot start marked as skipped, in turns if it must be."""
    if suite.trial:  # only one lane is open at a time, and failures are expected
        return suite
    cases = suite.cases
    if not force:
        cases = tuple(
            msgspec.structs.replace(case, skip=case.skip or _too_much(suite, case, room))
            for case in cases
        )
    running = lanes_of(suite, [case for case in cases if not case.skip])
    in_turns = suite.in_turns
    if not in_turns and len(running) > 1:
        why = next(_too_many(suite, running, room), None)
        in_turns = f"lanes run one at a time: {len(running)} together {why}" if why else None
    return msgspec.structs.replace(suite, cases=cases, in_turns=in_turns)


def _too_much(suite: Suite, case: Case, room: Room) -> str | None:
    """Return why a lane cannot start even alone, if that is certain."""
    files, tasks = _files(suite, case, room), _tasks(suite, case, room) + _TASKS_BESIDE
    if files > room.files_in_lane.amount:
        most = int(room.files_in_lane.amount)
        return (
            f"would open more than {files} files, but the limit is {most} "
            f"({room.files_in_lane.source})"
        )
    if tasks > room.tasks.amount:
        return (
            f"would start more than {tasks} processes and threads, but only "
            f"{int(room.tasks.amount)} are left ({room.tasks.source})"
        )
    return None


def _too_many(suite: Suite, cases: list[Case], room: Room) -> Iterator[str]:
    """Yield each resource of which lanes that are open at once would need more than is left."""
    files = FILES_A_LANE * len(cases) + _FILES_BESIDE
    if files > (left := room.files.amount):
        yield f"would open {files} files, but only {int(left)} are left ({room.files.source})"
    tasks = sum(_tasks(suite, case, room) for case in cases) + _TASKS_BESIDE
    if tasks > room.tasks.amount:
        yield (
            f"would be {tasks} processes and threads, but only {int(room.tasks.amount)} are left "
            f"({room.tasks.source})"
        )
    held = sum(_bytes(suite, case, room) for case in cases)
    if held > _TOGETHER * room.memory.amount:
        memory = format_bytes(int(room.memory.amount))
        yield f"would hold {format_bytes(held)} before any data, of {memory} ({room.memory.source})"


def _files(suite: Suite, case: Case, room: Room) -> int:
    return _sum(SCHEDULERS[case.scheduler].footprint.files, suite, case, room)


def _tasks(suite: Suite, case: Case, room: Room) -> int:
    return _sum(SCHEDULERS[case.scheduler].footprint.tasks, suite, case, room)


def _bytes(suite: Suite, case: Case, room: Room) -> int:
    return _sum(SCHEDULERS[case.scheduler].footprint.mib, suite, case, room) << 20


def _sum(amounts: tuple[int, int], suite: Suite, case: Case, room: Room) -> int:
    """Add up what a lane and its workers need, without the workers of an external cluster."""
    kind, (own, each) = SCHEDULERS[case.scheduler], amounts
    if suite.cluster.name and kind.takes_cluster:
        return own
    chosen = kind.own_workers(room.cores) if kind.own_workers else 0
    return own + each * (case.workers or chosen)
