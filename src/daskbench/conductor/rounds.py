"""One suite: its lanes opened and warmed up one by one, then rounds until it is enough."""

from collections.abc import Generator, Iterator
from random import Random

from daskbench.conductor.ports import Doing, L, LaneError
from daskbench.conductor.sampling import Sampling
from daskbench.events import EndReason, Event, SuiteFinished

#: A budget never stops a suite before this many rounds: fewer make no interval worth the name.
LEAST_ROUNDS = 3


class SuiteRun(Sampling[L]):
    """One suite's part of the run."""

    def run(self) -> Generator[Event | Doing, None, EndReason]:
        """Open, warm up, measure, end; return why it ended."""
        start = self.session.elapsed_s
        try:
            for number in self._opened_first():
                yield from self._open(number)
            finished = yield from self._rounds(start)
            yield from self._report()
            yield finished
        finally:
            self.lanes.end([ready.lane for ready in self.ready.values()])
        return finished.reason

    def _opened_first(self) -> list[int]:
        """Return the cases whose lanes are open from the beginning to the end."""
        if self.suite.in_turns:
            return []
        return [number for number in self.cases if number in self.alive and self._missing(number)]

    def _missing(self, number: int) -> set[int]:
        done = self.session.before.done.get(number, frozenset())
        return set(range(1, self.settings.rounds + 1)) - done

    def _rounds(self, start: float) -> Generator[Event | Doing, None, SuiteFinished]:
        """Give every case a sample in each round, in an order that chance decides."""
        budget = self.settings.budget_s
        rounds = 0
        for round_number in range(1, self.settings.rounds + 1):
            if not self.alive:
                break
            turns = self._order(round_number)
            for number in turns:
                yield from self._turn(number, round_number)
            rounds = round_number
            if not turns:  # all of it was measured before the run was resumed
                continue
            spent = self.session.elapsed_s - start
            if budget and spent >= budget and LEAST_ROUNDS <= rounds < self.settings.rounds:
                return SuiteFinished(self.suite.name, rounds, "budget")
        return SuiteFinished(self.suite.name, rounds, "complete")

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

    def _order(self, round_number: int) -> list[int]:
        turns = [n for n in sorted(self.alive) if round_number in self._missing(n)]
        Random(f"{self.session.plan.seed}/{self.suite.name}/{round_number}").shuffle(turns)
        return turns

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
        yield sample
