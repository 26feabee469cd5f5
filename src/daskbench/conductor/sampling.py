"""The lanes of one suite: open, warm up, sample, listen, end."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Protocol

from msgspec import structs

from daskbench.conductor import answers, opening
from daskbench.conductor.loops import more_loops
from daskbench.conductor.machine import Counters, Machine
from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Activity, L, Lanes, Progress, Report
from daskbench.conductor.sameness import Sameness
from daskbench.events import CaseFailed, Event, Sample
from daskbench.lane.protocol import Listen, Message, Open, TakeSample
from daskbench.model import Case, Plan, Settings, Side, Suite
from daskbench.processes.talk import LaneError
from daskbench.units import format_seconds

#: A first sample may be slow for reasons of its own; one shorter than this many times the least
#: time is taken again before the loops are settled.
_SURELY_LONG = 20
_CONFIRMED = 2
#: No loop is shorter: it takes longer even to do nothing.
_LEAST_LOOP_S = 1e-7


class Session(Protocol[L]):
    """The run that a suite belongs to."""

    plan: Plan
    lanes: Lanes[L]
    machine: Machine
    tick: Callable[[], None]
    note: Callable[[Event], None]
    before: Progress
    report: Report | None
    digest_key: str | None
    show: Callable[[Activity], None]

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        ...


@dataclass
class Ready(Generic[L]):
    """A lane that gives samples."""

    lane: L
    launch: int
    loops: int


@dataclass
class _Starting(Generic[L]):
    """A lane that is opening its case, and when it was started."""

    lane: L
    start_s: float


class Sampling(Generic[L]):
    """The state of a suite's lanes, and how to take a sample; not which one is next."""

    def __init__(
        self, session: Session[L], suite: Suite, cases: Mapping[int, Case], policy: Policy
    ) -> None:
        self.session, self.suite, self.cases, self.policy = session, suite, cases, policy
        self.lanes = session.lanes
        self.settings: Settings = suite.settings
        self.ready: dict[int, Ready[L]] = {}
        self.starting: dict[int, _Starting[L]] = {}
        self.alive = {number for number, case in cases.items() if not case.skip}
        self.launches = dict(session.before.launches)
        self.loops = dict(session.before.loops)
        self.sameness = Sameness(session.plan, session.before.identities)
        self.failed = 0

    def begin(self, number: int) -> Iterator[Event | Activity]:
        """Start a lane, and let it open its case while others are busy."""
        case, start_s = self.cases[number], self.session.elapsed_s
        yield Activity(number, "starting")
        try:
            lane = self.lanes.start(opening.blas_threads(case, self.settings), case.side)
        except LaneError as error:
            yield self.fail(number, "at the start", error)
            return
        lane.begin(self._command(case))
        self.starting[number] = _Starting(lane, start_s)

    def open(self, number: int) -> Iterator[Event | Activity]:
        """Wait until a lane has started, warm it up, and freeze it until its turn comes."""
        if number not in self.starting:
            yield from self.begin(number)
        if (starting := self.starting.pop(number, None)) is None:
            return
        case, lane = self.cases[number], starting.lane
        launch, loops = self.launches.get(number, 0), self._known_loops(number)
        self.launches[number] = launch + 1
        ready = self.ready[number] = Ready(lane, launch, loops)
        try:
            limit_s, limit = opening.start_limit(self.suite)
            said = lane.ask(self._command(case), limit_s, self._showing(number, lane), limit)
            own = {"case": number, "launch": launch}
            started = answers.read_opened(said, own, self.session.elapsed_s - starting.start_s)
            self.sameness.check(number, started.identity)
            yield started
            self._hear(number, lane)
            yield from self._warm_up(number, ready)
            self.loops[number] = ready.loops
        except LaneError as error:
            yield self.fail(number, "at the start", error)
        else:
            lane.freeze()

    def _command(self, case: Case) -> Open:
        session = self.session
        return opening.command_of(case, self.suite, session.plan.seed, session.digest_key)

    def _showing(self, number: int, lane: L) -> Callable[[], None]:
        """Return a tick that also shows the activity of a lane that is starting."""
        tick, last = self._ticking(number, lane), ""

        def show() -> None:
            nonlocal last
            tick()
            if (now := lane.doing) not in ("", last):
                last = now
                self.session.show(Activity(number, now))

        return show

    def _known_loops(self, number: int) -> int:
        """Return how many loops to time, 0 where that is not known yet.

        Both sides of a case time as many: what each call costs is in one sample once or twice.
        """
        side = Side()
        own = structs.replace(self.cases[number], side=side)
        alike = (n for n, case in self.cases.items() if structs.replace(case, side=side) == own)
        return self.loops.get(number) or next((self.loops[n] for n in alike if n in self.loops), 0)

    def _ticking(self, number: int, lane: L) -> Callable[[], None]:
        """Return a tick that records what the lane reports."""

        def tick() -> None:
            self._hear(number, lane)
            self.session.tick()

        return tick

    def _hear(self, number: int, lane: L) -> None:
        while lane.heard:
            age_s, told = lane.heard.pop(0)
            at_s = max(0.0, self.session.elapsed_s - age_s)
            self._note(answers.read_told(told, number, at_s))

    def _note(self, event: Event) -> None:
        """Pass on what a lane reported during its work."""
        self.policy.take(event)
        self.session.note(event)

    def end(self, number: int) -> None:
        """End the lane of a case cleanly."""
        self.lanes.end([self.ready.pop(number).lane])

    def end_all(self) -> None:
        """End all open lanes."""
        self.end_others(())

    def end_others(self, cases: Collection[int]) -> None:
        """End all open lanes except those of these cases."""
        others = [number for number in self.ready if number not in cases]
        ending = [self.ready.pop(number).lane for number in others]
        begun = [number for number in self.starting if number not in cases]
        self.lanes.end([*ending, *(self.starting.pop(number).lane for number in begun)])

    def drop(self, number: int) -> None:
        """Leave out a case that has not been measured, and end its lane if it is starting."""
        self.alive.discard(number)
        if starting := self.starting.pop(number, None):
            self.lanes.kill(starting.lane)

    def kill(self, number: int) -> None:
        """End the lane of a case at once."""
        self.lanes.kill(self.ready.pop(number).lane)

    def _warm_up(self, number: int, ready: Ready[L]) -> Iterator[Event | Activity]:
        """Take the warm-up samples, and more until the number of loops is found."""
        settled, ready.loops = ready.loops, ready.loops or 1
        wall_s = 0.0
        for _ in range(self.settings.warmup):
            yield Activity(number, "warming up")
            wall_s = yield from self._warm_sample(number, ready)
        surely_long = wall_s >= self.settings.min_time_s * _SURELY_LONG
        if settled or surely_long or not self.settings.warmup:
            return
        yield from self._settle(number, ready)

    def _settle(self, number: int, ready: Ready[L]) -> Iterator[Event | Activity]:
        """Find how many loops take the minimum time; fails if the lane's clock is wrong."""
        long_enough, least_s, start = 0, self.settings.min_time_s, self.session.elapsed_s
        while long_enough < _CONFIRMED:  # a hiccup of the machine makes one sample long
            wall_s = yield from self._warm_sample(number, ready)
            long_enough = long_enough + 1 if wall_s >= least_s else 0
            if not long_enough:
                ready.loops = more_loops(ready.loops, least_s / max(wall_s, 1e-9))
            spent_s = self.session.elapsed_s - start
            if ready.loops > least_s / _LEAST_LOOP_S or spent_s > self.settings.timeout_s:
                raise LaneError(
                    f"no number of loops that takes {format_seconds(least_s)} (--min-time) was "
                    f"found in {format_seconds(spent_s)}: the last sample took "
                    f"{format_seconds(wall_s)} by its own clock"
                )

    def _warm_sample(self, number: int, ready: Ready[L]) -> Generator[Event, None, float]:
        """Take one, and return its seconds, including building."""
        sample = self.take(number, ready, 0)
        yield sample
        return sample.wall_s + sample.build_s

    def take(
        self,
        number: int,
        ready: Ready[L],
        round_number: int,
        *,
        again: bool = False,
        report: str | None = None,
    ) -> Sample:
        """Take a sample and, if the policy needs them, the workers' reports about it."""
        sample = self._take(number, ready, report, {"round": round_number, "again": again})
        if self.policy.hears_workers:
            tick = self._ticking(number, ready.lane)
            ready.lane.ask(Listen(), self.settings.timeout_s, tick)
            self._hear(number, ready.lane)
        return sample

    def _take(self, number: int, ready: Ready[L], report: str | None, turn: Message) -> Sample:
        before = self.session.machine.read()
        start = self.session.elapsed_s
        command = TakeSample(loops=ready.loops, report=report)
        tick = self._ticking(number, ready.lane)
        said = ready.lane.ask(command, self.settings.timeout_s, tick)
        self._hear(number, ready.lane)
        watched_s = self.session.elapsed_s - start
        sampled = answers.read_sampled(said, watched_s)
        return answers.sample_of(
            sampled,
            {
                "case": number,
                **turn,
                "warmup": turn["round"] == 0,
                "launch": ready.launch,
                "session": self.session.before.session,
                "loops": ready.loops,
                "valid": sampled.reason is None,
                "at_s": self.session.elapsed_s,
                "watched_s": watched_s,
                **self._seen_from_outside(ready, before, sampled.lane_cpu_s),
            },
        )

    def _seen_from_outside(
        self, ready: Ready[L], before: Counters, lane_s: float | None
    ) -> Message:
        """Return what the lane held and what the machine did meanwhile.

        The CPU of others may come out below 0: the kernel counts in steps of 10 ms, and only a sum
        over samples means something. Of a cluster of somebody else's nothing is seen from here.
        """
        after = self.session.machine.read()
        busy = (after.busy_s - before.busy_s) - (after.own_s - before.own_s)
        return {
            "peak_rss_bytes": None if lane_s is None else ready.lane.peak_rss_bytes,
            "peak_pss_bytes": None if lane_s is None else ready.lane.peak_pss_bytes,
            "others_cpu_s": 0.0 if lane_s is None else busy - lane_s,
            "swap_bytes": after.swap_bytes - before.swap_bytes,
            "throttled_s": after.throttled_s - before.throttled_s,
        }

    def fail(self, number: int, phase: str, error: LaneError) -> CaseFailed:
        """End the lane of a failed case; the others continue."""
        self.failed += 1
        self.alive.discard(number)
        if ready := self.ready.pop(number, None):
            with suppress(LaneError):  # one reason is enough
                self._hear(number, ready.lane)
            self.lanes.kill(ready.lane)
        return CaseFailed(number, phase, str(error), error.detail)
