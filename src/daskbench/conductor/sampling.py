"""The lanes of one suite: open, warm up, sample, listen, end."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Generic

from msgspec import structs

from daskbench.account import Accounted
from daskbench.conductor import answers, opening
from daskbench.conductor.machine import Counters
from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Activity, L
from daskbench.conductor.sameness import Sameness
from daskbench.conductor.session import Ready, Session, Starting
from daskbench.conductor.warming import warm_up
from daskbench.events import CaseFailed, Event, LaneStarted, Sample
from daskbench.lane.protocol import Listen, Message, Open, Sampled, TakeSample
from daskbench.model import Case, Settings, Side, Suite
from daskbench.processes.talk import LaneError
from daskbench.stats.tables import has_shared_lanes, share_a_lane

#: Ages of what a lane tells are this exact on a busy machine, less than the order of telling.
_EXACT_S = 0.1


class Sampling(Generic[L]):
    """The state of a suite's lanes, and how to take a sample; not which one is next."""

    def __init__(
        self, session: Session[L], suite: Suite, cases: Mapping[int, Case], policy: Policy
    ) -> None:
        self.session, self.suite, self.cases, self.policy = session, suite, cases, policy
        self.lanes = session.lanes
        self.settings: Settings = suite.settings
        self.ready: dict[int, Ready[L]] = {}
        self.starting: dict[int, Starting[L]] = {}
        self.alive = {number for number, case in cases.items() if not case.skip}
        self.launches = dict(session.before.launches)
        self.loops = dict(session.before.loops)
        self.sameness = Sameness(session.plan, session.before.identities)
        self.failed = 0
        self._told_s: dict[int, float] = {}

    def begin(self, number: int) -> Iterator[Event | Activity]:
        """Start a lane, and let it open its case while others are busy."""
        if self._sharing(number, [*self.ready, *self.starting]):
            return
        case, start_s = self.cases[number], self.session.elapsed_s
        yield Activity(number, "starting")
        try:
            lane = self.lanes.start(opening.blas_threads(case, self.settings), case.side)
        except LaneError as error:
            yield self.fail(number, "at the start", error)
            return
        lane.begin(self._command(number))
        self.starting[number] = Starting(lane, start_s)

    def open(self, number: int) -> Iterator[Event | Activity]:
        """Wait until a lane has started, warm it up, and freeze it until its turn comes.

        A lane that other cases use already is warm.
        """
        if others := self._sharing(number, self.ready):
            yield from self._open_beside(number, self.ready[others[0]].lane)
            return
        if number not in self.starting:
            yield from self.begin(number)
        if (starting := self.starting.pop(number, None)) is None:
            return
        ready = self._launch(number, starting.lane)
        try:
            yield self._ask_to_open(number, ready, starting.start_s)
            self._hear(number, ready.lane)
            yield from warm_up(self, number, ready)
            self.loops[number] = ready.loops
        except LaneError as error:
            yield self.fail(number, "at the start", error)
        else:
            ready.lane.freeze()

    def _sharing(self, number: int, others: Iterable[int]) -> list[int]:
        """Return which of other cases run in the same lane as this one."""
        case = self.cases[number]
        return [n for n in others if share_a_lane(self.suite, case, self.cases[n])]

    def _open_beside(self, number: int, lane: L) -> Iterator[Event | Activity]:
        """Open a case in the lane of others."""
        yield Activity(number, "opening")
        start_s = self.session.elapsed_s
        lane.thaw()
        ready = self._launch(number, lane)
        ready.loops = ready.loops or 1
        try:
            yield self._ask_to_open(number, ready, start_s)
            if self.settings.hold:  # other workers are not warm
                yield from warm_up(self, number, ready)
                self.loops[number] = ready.loops
        except LaneError as error:
            yield self.fail(number, "at the start", error)
        else:
            lane.freeze()

    def _launch(self, number: int, lane: L) -> Ready[L]:
        """Count a launch of a case, in this lane."""
        launch = self.launches.get(number, 0)
        self.launches[number] = launch + 1
        self.ready[number] = Ready(lane, launch, self._known_loops(number))
        return self.ready[number]

    def _ask_to_open(self, number: int, ready: Ready[L], start_s: float) -> LaneStarted:
        """Return what a lane says of its case, which it opened since `start_s`."""
        limit_s, limit = opening.start_limit(self.suite)
        ticking = self._showing(number, ready.lane)
        said = ready.lane.ask(self._command(number), limit_s, ticking, limit)
        own = {"case": number, "launch": ready.launch}
        started = answers.read_opened(said, own, self.session.elapsed_s - start_s)
        self.sameness.check(number, started.identity)
        return started

    def _command(self, number: int) -> Open:
        session, case = self.session, self.cases[number]
        return opening.command_of(case, self.suite, session.plan.seed, session.digest_key, number)

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
            last_s = self._told_s.get(number, 0.0)
            self._told_s[number] = at_s = last_s if 0 < last_s - at_s < _EXACT_S else at_s
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
        kept = [self.ready[number].lane for number in cases if number in self.ready]
        others = [number for number in self.ready if number not in cases]
        ending = [lane for lane in self._free(others) if lane not in kept]
        begun = [number for number in self.starting if number not in cases]
        self.lanes.end([*ending, *(self.starting.pop(number).lane for number in begun)])

    def _free(self, cases: Collection[int]) -> list[L]:
        """Return the lanes of cases, each once, which are no longer ready."""
        lanes: list[L] = []
        for lane in (self.ready.pop(number).lane for number in cases):
            lanes += [lane] if lane not in lanes else []
        return lanes

    def drop(self, number: int) -> None:
        """Leave out a case that has not been measured, and end its lane if it is starting."""
        self.alive.discard(number)
        if starting := self.starting.pop(number, None):
            self.lanes.kill(starting.lane)

    def kill(self, number: int) -> None:
        """End the lane of a case at once."""
        self._kill(self.ready[number].lane)

    def _kill(self, lane: L) -> None:
        """End a lane at once; other cases that share it need another."""
        self.lanes.kill(lane)
        self._free([number for number, ready in self.ready.items() if ready.lane is lane])

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

    def explain(self, number: int, ready: Ready[L]) -> Accounted:
        """Take a sample with instruments on, which counts for nothing but its account."""
        command = TakeSample(loops=ready.loops, account=True, number=self._shared(number))
        sampled, _ = self._sample(number, ready, command)
        return answers.accounted_of(sampled, self._place_of(number, ready, sampled))

    def _take(self, number: int, ready: Ready[L], report: str | None, turn: Message) -> Sample:
        before = self.session.machine.read()
        command = TakeSample(loops=ready.loops, report=report, number=self._shared(number))
        sampled, watched_s = self._sample(number, ready, command)
        return answers.sample_of(
            sampled,
            {
                **self._place_of(number, ready, sampled),
                **turn,
                "warmup": turn["round"] == 0,
                "watched_s": watched_s,
                **self._seen_from_outside(ready, before, sampled.lane_cpu_s),
            },
        )

    def _shared(self, number: int) -> int | None:
        """Return the number of a case to a lane that has several."""
        return number if has_shared_lanes(self.suite) else None

    def _sample(self, number: int, ready: Ready[L], command: TakeSample) -> tuple[Sampled, float]:
        """Let a lane take a sample; return it, and the seconds until its answer was read."""
        start = self.session.elapsed_s
        tick = self._ticking(number, ready.lane)
        said = ready.lane.ask(command, self.settings.timeout_s, tick)
        self._hear(number, ready.lane)
        watched_s = self.session.elapsed_s - start
        return answers.read_sampled(said, watched_s), watched_s

    def _place_of(self, number: int, ready: Ready[L], sampled: Sampled) -> Message:
        """Return which sample of the run this is, and whether it is valid."""
        return {
            "case": number,
            "launch": ready.launch,
            "session": self.session.before.session,
            "loops": ready.loops,
            "valid": sampled.reason is None,
            "at_s": self.session.elapsed_s,
        }

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
        if ready := self.ready.get(number):
            with suppress(LaneError):  # one reason is enough
                self._hear(number, ready.lane)
            self._kill(ready.lane)
        return CaseFailed(number, phase, str(error), error.detail)
