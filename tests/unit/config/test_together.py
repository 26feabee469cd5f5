"""What lanes take by being open: files, processes and threads, and memory before any data."""

import math
from dataclasses import replace

import msgspec
import pytest

from daskbench.config import Room, find_room
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Suite
from daskbench.resources import Limit

PLENTY = Limit(math.inf, "no limit")
ROOM = Room(Limit(64 << 30, "the machine"), PLENTY, PLENTY, PLENTY)
ROOM_OF_EIGHT = replace(ROOM, cores=8)
ADDRESS = Cluster(address="tcp://127.0.0.1:8786")


def suite(*schedulers: str, workers: int = 2, cluster: Cluster = Cluster()) -> Suite:  # noqa: B008
    cases = [
        Case("calc_mean", name, {}, workers=workers if SCHEDULERS[name].counts_workers else None)
        for name in schedulers
    ]
    return Suite("s", tuple(cases), cluster=cluster)


def found(suite: Suite, room: Room, *, force: bool = False) -> tuple[str | None, list[str | None]]:
    fitting = find_room(suite, room, force=force)
    return fitting.in_turns, [case.skip for case in fitting.cases]


def test_where_there_is_plenty_all_are_open_together() -> None:
    assert found(suite(*SCHEDULERS), ROOM) == (None, [None] * len(SCHEDULERS))


def test_more_lanes_than_files_are_open_in_turns() -> None:
    room = replace(ROOM, files=Limit(240, "ulimit -n"))
    assert found(suite(*["numpy"] * 112), room)[0] is None
    in_turns, skips = found(suite(*["numpy"] * 150), room)
    assert in_turns == (
        "lanes run one at a time: 150 together would open 316 files, but only 240 are left "
        "(ulimit -n)"
    )
    assert not any(skips)


def test_more_than_may_be_started_are_open_in_turns() -> None:
    room = replace(ROOM, tasks=Limit(40, "pids.max of cgroup /a"))
    assert found(suite("distributed", "distributed"), room)[0] is None
    in_turns, skips = found(suite("distributed", "distributed", "distributed"), room)
    assert in_turns == (
        "lanes run one at a time: 3 together would be 47 processes and threads, but only 40 are "
        "left (pids.max of cgroup /a)"
    )
    assert not any(skips)


def test_more_than_memory_holds_before_any_data_are_open_in_turns() -> None:
    room = replace(ROOM, memory=Limit(512 << 20, "memory.max of cgroup /a"))
    assert found(suite("numpy", "threads", "distributed"), room)[0] is None
    in_turns, _ = found(suite(*["distributed"] * 3), room)
    assert in_turns == (
        "lanes run one at a time: 3 together would hold 453 MiB before any data, of 512 MiB "
        "(memory.max of cgroup /a)"
    )


def test_a_lane_that_cannot_start_even_alone_is_skipped_unless_forced() -> None:
    wide = suite("numpy", "distributed", workers=64)
    files = replace(ROOM, files_in_lane=Limit(256, "ulimit -n"))
    assert found(wide, files) == (
        None,
        [None, "would open more than 662 files, but the limit is 256 (ulimit -n)"],
    )
    tasks = replace(ROOM, tasks=Limit(15, "ulimit -u"))
    assert found(suite("numpy", "distributed"), tasks) == (
        None,
        [None, "would start more than 17 processes and threads, but only 15 are left (ulimit -u)"],
    )
    assert found(wide, files, force=True) == (None, [None, None])
    skipped = Suite("s", (Case("b", "distributed", {}, workers=64, skip="too large"),))
    assert found(skipped, files) == (None, ["too large"])


def test_the_workers_that_dask_chooses_count_too() -> None:
    """Four on eight cores."""
    room = replace(ROOM_OF_EIGHT, files_in_lane=Limit(40, "ulimit -n"))
    assert found(suite("default-cluster", "default"), room)[1] == [
        "would open more than 62 files, but the limit is 40 (ulimit -n)",
        None,
    ]


def test_workers_of_a_cluster_of_others_take_nothing_here() -> None:
    room = replace(ROOM, files_in_lane=Limit(64, "ulimit -n"), tasks=Limit(12, "ulimit -u"))
    assert found(suite("distributed", workers=64, cluster=ADDRESS), room) == (None, [None])
    assert found(suite("distributed", workers=64), room)[1] != [None]


@pytest.mark.parametrize("search", [True, False])
def test_a_search_has_one_lane_at_a_time_and_tries(search: bool) -> None:
    many = Suite("s", suite(*["distributed"] * 9).cases, trial=search)
    room = Room(Limit(1 << 20, "a"), Limit(8, "b"), Limit(8, "c"), Limit(3, "d"))
    assert (find_room(many, room, force=False) == many) == search


def test_what_is_in_turns_already_stays_so_for_its_own_reason() -> None:
    many = Suite("s", suite(*["numpy"] * 9).cases, in_turns="for a reason")
    assert found(many, replace(ROOM, files=Limit(8, "ulimit -n")))[0] == "for a reason"


def test_cases_that_share_a_lane_take_its_room_once() -> None:
    room = replace(ROOM, tasks=Limit(40, "pids.max of cgroup /a"))
    many = suite("distributed", "distributed", "threads", "distributed")
    assert found(many, room)[0]
    assert found(msgspec.structs.replace(many, shares_lanes=True), room)[0] is None
