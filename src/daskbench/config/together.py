"""Whether the lanes of a suite may be open together, and each of them at all, by what is left here.

Lanes wait for their turn with all that they have open; what they need beyond that for data is told
by `daskbench.config.preflight`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import msgspec

from daskbench import resources
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Suite
from daskbench.resources import Limit
from daskbench.units import format_bytes

#: Files that daskbench itself has open for each lane, its two pipes, and those that it opens
#: beside them: the journal, the reaper's pipe, and more for a lane that is just starting.
FILES_A_LANE, _FILES_BESIDE = 2, 16
#: The reaper, and the thread that draws progress.
_TASKS_BESIDE = 2
#: Lanes together may hold this part of the memory.
_TOGETHER = 0.8


@dataclass(frozen=True)
class Room:
    """What is left for lanes: bytes, files here and in each lane, processes and threads."""

    memory: Limit
    files: Limit
    files_in_lane: Limit
    tasks: Limit

    @classmethod
    def here(cls) -> Self:
        """Return what is left here and now; lanes keep the soft limit of files."""
        return cls(
            memory=resources.memory(),
            files=resources.files_left(),
            files_in_lane=resources.files(),
            tasks=resources.tasks_left(),
        )


def find_room(suite: Suite, room: Room, *, force: bool) -> Suite:
    """Return the suite with what cannot start marked to be skipped, in turns where it must be."""
    if suite.trial:  # only one lane is open at any time, and trying is the point
        return suite
    cases = suite.cases
    if not force:
        cases = tuple(
            msgspec.structs.replace(case, skip=case.skip or _too_much(suite, case, room))
            for case in cases
        )
    running = [case for case in cases if not case.skip]
    in_turns = suite.in_turns
    if not in_turns and len(running) > 1:
        why = next(_too_many(suite, running, room), None)
        in_turns = f"lanes open one at a time: {len(running)} together {why}" if why else None
    return msgspec.structs.replace(suite, cases=cases, in_turns=in_turns)


def _too_much(suite: Suite, case: Case, room: Room) -> str | None:
    """Say why a lane cannot start even alone, if that is sure."""
    files, tasks = _files_in_lane(suite, case), _tasks(suite, case) + _TASKS_BESIDE
    if files > room.files_in_lane.amount:
        most = int(room.files_in_lane.amount)
        return (
            f"would open {files} files and more, and may open {most} ({room.files_in_lane.source})"
        )
    if tasks > room.tasks.amount:
        return (
            f"would start {tasks} processes and threads and more, and {int(room.tasks.amount)} are "
            f"left ({room.tasks.source})"
        )
    return None


def _too_many(suite: Suite, cases: list[Case], room: Room) -> Iterator[str]:
    """Say what lanes that wait together would take, where there is less of it."""
    files = FILES_A_LANE * len(cases) + _FILES_BESIDE
    if files > (left := room.files.amount):
        yield f"would open {files} files, and {int(left)} are left ({room.files.source})"
    tasks = sum(_tasks(suite, case) for case in cases) + _TASKS_BESIDE
    if tasks > room.tasks.amount:
        yield (
            f"would be {tasks} processes and threads, and {int(room.tasks.amount)} are left "
            f"({room.tasks.source})"
        )
    held = sum(_bytes(suite, case) for case in cases)
    if held > _TOGETHER * room.memory.amount:
        memory = format_bytes(int(room.memory.amount))
        yield f"would hold {format_bytes(held)} before any data, of {memory} ({room.memory.source})"


def _files_in_lane(suite: Suite, case: Case) -> int:
    return _sum(SCHEDULERS[case.scheduler].footprint.files, suite, case)


def _tasks(suite: Suite, case: Case) -> int:
    return _sum(SCHEDULERS[case.scheduler].footprint.tasks, suite, case)


def _bytes(suite: Suite, case: Case) -> int:
    return _sum(SCHEDULERS[case.scheduler].footprint.mib, suite, case) << 20


def _sum(amounts: tuple[int, int], suite: Suite, case: Case) -> int:
    """Add up what a lane and its workers take; those of a cluster of others are not in it."""
    elsewhere = suite.cluster.name and SCHEDULERS[case.scheduler].takes_cluster
    own, each = amounts
    return own + each * (0 if elsewhere else case.workers or 0)
