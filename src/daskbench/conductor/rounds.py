"""One suite: its lanes opened and warmed up one by one, then rounds until it is enough."""

from collections.abc import Generator, Iterator, Mapping
from random import Random

from daskbench.conductor.budget import Budget, round_of_launch
from daskbench.conductor.ports import Activity, L
from daskbench.conductor.precise import Precise
from daskbench.conductor.sampling import Sampling, Session
from daskbench.events import EndReason, Event, SuiteFinished
from daskbench.model import Case, Suite
from daskbench.processes.talk import LaneError


class SuiteRun(Sampling[L]):
    """One suite's part of the run."""

    def __init__(self, session: Session[L], suite: Suite, cases: Mapping[int, Case]) -> None:
        super().__init__(session, suite, cases)
        self.precise = Precise(suite, cases, session.before.samples)
        self.beyond = self._first_beyond()

    def run(self) -> Generator[Event | Activity, None, EndReason]:
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

    def _rounds(self, start: float) -> Generator[Event | Activity, None, SuiteFinished]:
        """Give every case a sample in each round, in an order that chance decides.

        After those that all have, come those of the cases whose intervals are too wide.
        """
        reason: EndReason = "complete"
        budget, number = Budget(self.settings, start), 1
        rounds = {done for case in self.cases for done in self._done(case)}
        while wanted := self._wanted(number):
            if budget.is_spent:
                reason = "budget"
                break
            turns = self._order(number, wanted)
            yield from self._ready(number, turns)
            if self.alive:
                rounds.add(number)
            for case in turns:
                yield from self._turn(case, number)
            following = number + 1
            if turns:  # else all of it was measured before the run was resumed
                following = budget.after(number, self.session.elapsed_s)
                reason = "budget" if following > number + 1 else reason
            number = max(following, self.beyond) if following > self.settings.samples else following
        return SuiteFinished(self.suite.name, len(rounds), reason)

    def _first_beyond(self) -> int:
        """Return the first round beyond those that all have.

        A run that is resumed goes on behind all that was measured: there a case and its baseline
        have the same rounds to come, and a launch that was cut is not mixed with another.
        """
        last = max((r for case in self.cases for r in self._done(case)), default=0)
        first = max(last, self.settings.samples) + 1
        if last > self.settings.samples and self.settings.launches > 1:
            while round_of_launch(first, self.settings) > 1:
                first += 1
        return first

    def _wanted(self, number: int) -> set[int]:
        """Return the cases that have a turn in this round, whether they had it before or not."""
        if number <= self.settings.samples:
            return self.alive
        return self.precise.wanted(number, self.alive)

    def _order(self, number: int, wanted: set[int]) -> list[int]:
        turns = [case for case in sorted(wanted) if number not in self._done(case)]
        Random(f"{self.session.plan.seed}/{self.suite.name}/{number}").shuffle(turns)
        return turns

    def _ready(self, number: int, turns: list[int]) -> Iterator[Event | Activity]:
        """Open the lanes that a round needs; where a launch begins, all of them anew."""
        if self.suite.in_turns:
            return
        if self.settings.launches > 1 and round_of_launch(number, self.settings) == 1:
            self.lanes.end([ready.lane for ready in self.ready.values()])
            self.ready.clear()
        for case in sorted(set(turns) - self.ready.keys()):
            yield from self._open(case)

    def _report(self) -> Iterator[Event | Activity]:
        """Take one more sample of a case, with Dask's own report; it counts in no figure."""
        report = self.session.report
        if report is None or report.case not in self.alive:
            return
        if report.case not in self.ready:
            yield from self._open(report.case)
        if ready := self.ready.get(report.case):
            yield Activity(report.case, "writing a report")
            ready.lane.thaw()
            try:
                yield self._take(report.case, ready, 0, report.path)
            except LaneError as error:  # the case has all its samples: it did not fail
                yield Activity(report.case, f"no report: {error}")
                self.lanes.kill(self.ready.pop(report.case).lane)

    def _turn(self, number: int, round_number: int) -> Iterator[Event | Activity]:
        """Take one sample of one lane, which is thawed for it, or opened and closed."""
        if self.suite.in_turns:
            yield from self._open(number)
        if number not in self.alive:
            return
        yield Activity(number, f"round {round_number}")
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
