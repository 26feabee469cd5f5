"""One suite: its lanes opened and warmed up one by one, then rounds until it is enough."""

from collections.abc import Generator, Iterator, Mapping
from random import Random

from daskbench.conductor.ports import Doing, L, LaneError
from daskbench.conductor.precise import Precise
from daskbench.conductor.sampling import Sampling, Session
from daskbench.events import EndReason, Event, SuiteFinished
from daskbench.model import Case, Suite

#: A budget never stops a launch before this many rounds: fewer make no interval worth the name.
LEAST_ROUNDS = 3


class SuiteRun(Sampling[L]):
    """One suite's part of the run."""

    def __init__(self, session: Session[L], suite: Suite, cases: Mapping[int, Case]) -> None:
        super().__init__(session, suite, cases)
        self.precise = Precise(suite, cases, session.before.samples)

    def run(self) -> Generator[Event | Doing, None, EndReason]:
        """Open, warm up, measure, end; return why it ended."""
        start = self.session.elapsed_s
        try:
            finished = yield from self._rounds(start)
            yield from self._report()
            yield finished
        finally:
            self.lanes.end([ready.lane for ready in self.ready.values()])
        return finished.reason

    def _missing(self, number: int) -> set[int]:
        """Return the rounds that a case still lacks of those that all have."""
        return set(range(1, self.settings.samples + 1)) - self._done(number)

    def _done(self, number: int) -> frozenset[int]:
        return self.session.before.done.get(number, frozenset())

    def _rounds(self, start: float) -> Generator[Event | Doing, None, SuiteFinished]:
        """Give every case a sample in each round, in an order that chance decides.

        After those that all have, come those of the cases whose intervals are too wide.
        """
        reason: EndReason = "complete"
        round_number = rounds = 0
        while wanted := self._wanted(round_number + 1):
            round_number += 1
            turns = self._order(round_number, wanted)
            yield from self._ready(round_number, turns)
            rounds += bool(self.alive)
            for number in turns:
                yield from self._turn(number, round_number)
            # Without turns, all of it was measured before the run was resumed.
            if turns and self._is_over_budget(start, round_number):
                reason, round_number = "budget", self._last_of_launch(round_number)
                if round_number >= self.settings.samples:
                    break
        return SuiteFinished(self.suite.name, rounds, reason)

    def _wanted(self, round_number: int) -> set[int]:
        """Return the cases that have a turn in this round, whether they had it before or not."""
        if round_number <= self.settings.samples:
            return self.alive
        return self.precise.wanted(round_number, self.alive)

    def _order(self, round_number: int, wanted: set[int]) -> list[int]:
        turns = [n for n in sorted(wanted) if round_number not in self._done(n)]
        Random(f"{self.session.plan.seed}/{self.suite.name}/{round_number}").shuffle(turns)
        return turns

    def _ready(self, round_number: int, turns: list[int]) -> Iterator[Event | Doing]:
        """Open the lanes that a round needs; where a launch begins, all of them anew."""
        if self.suite.in_turns:
            return
        if self.settings.launches > 1 and self._rounds_of_launch(round_number) == 1:
            self.lanes.end([ready.lane for ready in self.ready.values()])
            self.ready.clear()
        for number in sorted(set(turns) - self.ready.keys()):
            yield from self._open(number)

    def _rounds_of_launch(self, round_number: int) -> int:
        """Return how many rounds its launch has had after this one."""
        if self.settings.launches == 1:
            return round_number
        return (round_number - 1) % self.settings.rounds + 1

    def _last_of_launch(self, round_number: int) -> int:
        if self.settings.launches == 1:
            return self.settings.samples
        return round_number - self._rounds_of_launch(round_number) + self.settings.rounds

    def _is_over_budget(self, start: float, round_number: int) -> bool:
        """Whether a launch has spent its share; not where it has nothing left to measure."""
        budget, done = self.settings.budget_s, self._rounds_of_launch(round_number)
        if not budget or done < LEAST_ROUNDS:
            return False
        if round_number == self._last_of_launch(round_number) and not self.settings.precision:
            return False
        launch = -(-round_number // self.settings.rounds)
        share = min(1.0, launch / self.settings.launches)
        return self.session.elapsed_s - start >= budget * share

    def _report(self) -> Iterator[Event | Doing]:
        """Take one more sample of a case, with Dask's own report; it counts in no figure."""
        report = self.session.report
        if report is None or report.case not in self.alive:
            return
        if report.case not in self.ready:
            yield from self._open(report.case)
        if ready := self.ready.get(report.case):
            yield Doing(report.case, "writing a report")
            ready.lane.thaw()
            try:
                yield self._take(report.case, ready, 0, report.path)
            except LaneError as error:  # the case has all its samples: it did not fail
                yield Doing(report.case, f"no report: {error}")
                self.lanes.kill(self.ready.pop(report.case).lane)

    def _turn(self, number: int, round_number: int) -> Iterator[Event | Doing]:
        """Take one sample of one lane, which is thawed for it, or opened and closed."""
        if self.suite.in_turns:
            yield from self._open(number)
        if number not in self.alive:
            return
        yield Doing(number, f"round {round_number}")
        ready = self.ready[number]
        ready.lane.thaw()
        try:
            sample = self._take(number, ready, round_number)
        except LaneError as error:
            yield self._fail(number, f"in round {round_number}", error)
            return
        if self.suite.in_turns:
            self.lanes.end([self.ready.pop(number).lane])
        else:
            ready.lane.freeze()
        self.precise.take(sample)
        yield sample
