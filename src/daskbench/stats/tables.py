"""Which cases compute the same thing and share a table, and which one is its baseline."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from daskbench.events import LaneStarted
from daskbench.lane.schedulers import SCHEDULERS, baseline_rank, is_light, is_plain
from daskbench.model import Case, Side, Suite, Work

Numbered = tuple[int, Suite, Case]
T = TypeVar("T")


def tables_of(cases: Iterable[Numbered]) -> list[list[Numbered]]:
    """Group cases that compute the same thing, in order of first appearance."""
    tables: dict[tuple[str, str], list[Numbered]] = {}
    for number, suite, case in cases:
        what = case.described(without=suite.variants)
        if case.side.name:  # each place has a table of its own, of all sides
            what = str(msgspec.structs.replace(case, side=Side()))
        elif case.reference:  # all together, as they are not compared
            what = case.benchmark
        tables.setdefault((suite.name, what), []).append((number, suite, case))
    return [*tables.values()]


def baseline_of(table: Sequence[Numbered]) -> int:
    """Return the number of the case that the others of a table are compared with.

    It is the scheduler that ranks first as a baseline (NumPy, then Dask's synchronous scheduler),
    or else the first case that is measured.
    """
    measured = [(number, case) for number, _, case in table if not case.skip]
    ranks = [(rank, number) for number, case in measured if (rank := baseline_rank(case.scheduler))]
    if ranks:
        return min(ranks, key=lambda one: one[0])[1]
    return next((number for number, _ in measured), table[0][0])


def is_repeated(case: Case, other: Case, lane: LaneStarted) -> bool:
    """Whether a case is what Dask chose for `other`, as its lane told: the same under two names."""
    chosen = msgspec.structs.replace(other, scheduler=lane.chosen, workers=lane.workers)
    return bool(lane.chosen) and case != other and case == chosen


def share_a_lane(suite: Suite, case: Case, other: Case) -> bool:
    """Whether two cases of a suite run in one lane: they differ only in what they compute.

    On a cluster that is held, they may also differ in how many of its workers they use.
    """
    lane = _lane_of(suite, case)
    return bool(lane) and lane == _lane_of(suite, other)


def by_lane(suite: Suite, cases: Iterable[T], case_of: Callable[[T], Case]) -> list[list[T]]:
    """Group cases, or what has one, by the lane that runs them, in order of first appearance."""
    lanes: dict[object, list[T]] = {}
    for place, one in enumerate(cases):
        lanes.setdefault(_lane_of(suite, case_of(one)) or place, []).append(one)
    return [*lanes.values()]


def lanes_of(suite: Suite, cases: Sequence[Case]) -> list[Case]:
    """Return the cases that start a lane: of those that share one, the first."""
    return [lane[0] for lane in by_lane(suite, cases, lambda case: case)]


def has_shared_lanes(suite: Suite) -> bool:
    """Whether a lane of this suite may have several cases."""
    return suite.shares_lanes or suite.settings.hold


def held_workers(suite: Suite) -> int | None:
    """Return the workers of the cluster that is held; None without one, or if they are unknown."""
    counts = [case.workers for case in suite.cases if takes_cluster(case) and not case.skip]
    known = [count for count in counts if count]
    return max(known) if suite.settings.hold and known and len(known) == len(counts) else None


def _where(case: Case) -> Case:
    return msgspec.structs.replace(case, benchmark="", parameters={}, work=Work(), skip=None)


def takes_cluster(case: Case) -> bool:
    """Whether a case runs on the cluster that its suite names, if it does."""
    kind = SCHEDULERS.get(case.scheduler)
    return kind is not None and kind.takes_cluster


def _lane_of(suite: Suite, case: Case) -> str:
    """Return what all cases of a lane have in common; empty if it has only this one."""
    if suite.settings.hold and takes_cluster(case):
        return repr(msgspec.structs.replace(_where(case), workers=None))
    return repr(_where(case)) if suite.shares_lanes else ""


def is_serial(case: Case | None) -> bool:
    """Whether a case runs one task at a time, so that speedups over it show what workers add."""
    return case is not None and baseline_rank(case.scheduler) is not None


def is_numpy(case: Case | None) -> bool:
    """Whether a case runs without Dask."""
    return case is not None and is_plain(case.scheduler)


def opens_fast(case: Case) -> bool:
    """Whether the lane of a case starts neither processes nor a cluster."""
    return is_light(case.scheduler)
