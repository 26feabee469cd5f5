"""One suite: its lanes opened and warmed up, then turn after turn as its policy decides."""

from collections.abc import Generator, Iterator, Mapping
from itertools import zip_longest
from typing import Generic

from daskbench.conductor.explain import explain
from daskbench.conductor.policy import Policy, Turn
from daskbench.conductor.ports import Activity, L
from daskbench.conductor.sampling import Sampling
from daskbench.conductor.session import Session
from daskbench.events import EndReason, Event, LaneStarted, SuiteFinished
from daskbench.model import Case, Suite
from daskbench.processes.talk import LaneError
from daskbench.stats.tables import is_repeated


class SuiteRun(Generic[L]):
    """Runs one suite: `sampling` has the lanes, `policy` decides which is next."""

    def __init__(
        self, session: Session[L], suite: Suite, cases: Mapping[int, Case], policy: Policy
    ) -> None:
        self.session, self.suite, self.policy = session, suite, policy
        self.sampling = Sampling(session, suite, cases, policy)
        self._latest_round = dict.fromkeys(cases, 0)

    @property
    def failed(self) -> int:
        """The number of failures of the suite."""
        return self.policy.failed(self.sampling.failed)

    def run(self) -> Generator[Event | Activity, None, EndReason]:
        """Open, warm up, measure, end; return why it ended."""
        try:
            yield from self._turns()
            yield from explain(self.sampling)
            yield from self._report()
            rounds, reason = self.policy.end
            yield SuiteFinished(self.suite.name, rounds, reason)
        finally:
            self.sampling.end_all()
        return reason

    def _turns(self) -> Iterator[Event | Activity]:
        sampling = self.sampling
        while turn := self.policy.next(sampling.alive, self.session.elapsed_s):
            yield from self._learning(self._ready(turn))
            if sampling.alive:
                self.policy.began(turn)
            for case in turn.cases:
                yield from self._learning(self._turn(case, turn.round))

    def _learning(self, events: Iterator[Event | Activity]) -> Iterator[Event | Activity]:
        """Pass events on, and let the policy learn from them."""
        for event in events:
            if not isinstance(event, Activity):
                self.policy.take(event)
            yield event
            if isinstance(event, LaneStarted):
                yield from self._drop_repeated(event)

    def _drop_repeated(self, started: LaneStarted) -> Iterator[Activity]:
        """Leave out cases that turn out to be the same as the one whose lane has started."""
        sampling, own = self.sampling, self.sampling.cases[started.case]
        begun = sampling.ready.keys() | {n for n, one in self.session.before.done.items() if one}
        for number in sorted(sampling.alive - begun):
            if is_repeated(sampling.cases[number], own, started):
                sampling.drop(number)
                yield Activity(number, f"measured as {own.place}")

    def _ready(self, turn: Turn) -> Iterator[Event | Activity]:
        """Open the lanes that a turn needs; at the start of a launch, restart all of them."""
        if self.suite.in_turns:
            return
        if turn.fresh:
            self.sampling.end_all()
        if turn.alone:
            self.sampling.end_others(turn.cases)
        opening = sorted({*turn.cases} - self.sampling.ready.keys())
        for case, following in zip_longest(opening, opening[1:]):
            if following is not None:
                yield from self._begin(case, following)
            if case in self.sampling.alive:
                yield from self.sampling.open(case)

    def _begin(self, *cases: int) -> Iterator[Event | Activity]:
        """Start two lanes: the second one opens its case while the first one warms up."""
        for case in cases:
            if case in self.sampling.alive and case not in self.sampling.starting:
                yield from self.sampling.begin(case)

    def _turn(self, number: int, round_number: int) -> Iterator[Event | Activity]:
        """Take one sample of one lane, which is thawed for it, or opened and closed."""
        sampling = self.sampling
        if number in sampling.alive and number not in sampling.ready:
            yield from sampling.open(number)
        if number not in sampling.alive:
            return
        yield Activity(number, f"round {round_number}")
        ready = sampling.ready[number]
        ready.lane.thaw()
        again = self._latest_round[number] == round_number
        self._latest_round[number] = round_number
        try:
            sample = sampling.take(number, ready, round_number, again=again)
        except LaneError as error:
            yield sampling.fail(number, f"in round {round_number}", error)
            return
        if self.suite.in_turns:
            sampling.end(number)
        else:
            ready.lane.freeze()
        yield sample

    def _report(self) -> Iterator[Event | Activity]:
        """Take an extra sample of a case with Dask's report; excluded from the results."""
        report, sampling = self.session.report, self.sampling
        if report is None or report.case not in sampling.alive:
            return
        if report.case not in sampling.ready:
            yield from sampling.open(report.case)
        if ready := sampling.ready.get(report.case):
            yield Activity(report.case, "writing a report")
            ready.lane.thaw()
            try:
                yield sampling.take(report.case, ready, 0, report=report.path)
            except LaneError as error:  # the case has all its samples: it did not fail
                yield Activity(report.case, f"no report: {error}")
                sampling.kill(report.case)
