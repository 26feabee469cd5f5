"""A suite that is a search: one case after the other, each in a lane of its own, then what next."""

from collections.abc import Generator, Iterator, Mapping

from daskbench.conductor.ports import Activity, L
from daskbench.conductor.rounds import SuiteRun
from daskbench.conductor.sampling import Ready, Session
from daskbench.events import Event, Reading, Sample, SuiteFinished, WorkerEvent
from daskbench.experiments.limit.search import (
    Outcome,
    after_termination,
    bracket,
    next_trial,
    sign_of,
    worst,
)
from daskbench.model import Case, Suite


class SearchRun(SuiteRun[L]):
    """Measures those cases of a suite for which the search asks, until it knows all.

    What an earlier session saw of a case counts, also where its trial was cut: what spilled once at
    a limit has spilled there.
    """

    def __init__(self, session: Session[L], suite: Suite, cases: Mapping[int, Case]) -> None:
        super().__init__(session, suite, cases)
        self.first = min(cases)
        outcomes = session.before.outcomes
        self.signs = {n: Outcome(found) for n, found in outcomes.items() if n in cases}
        self.short_of_memory: set[int] = set()
        self.tried = {n for n in self.signs if self._is_over(n)}

    def _rounds(self, start: float) -> Generator[Event | Activity, None, SuiteFinished]:
        """Try a limit, look what came of it, and go on with the one that it leads to."""
        while (limit := next_trial(self._outcomes(), len(self.cases))) is not None:
            number = self.first + limit
            for event in self._trial(number):
                if not isinstance(event, Activity):
                    self._judge(number, event)
                yield event
            self.tried.add(number)
        # That small limits fail is what is searched for.
        self.failed = int(bracket(self._outcomes(), Outcome.FINISHED).good is None)
        return SuiteFinished(self.suite.name, self.settings.rounds, "complete")

    def _outcomes(self) -> dict[int, Outcome]:
        return {number - self.first: self.signs[number] for number in self.tried}

    def _is_over(self, number: int) -> bool:
        """Whether a trial has nothing more to tell: it failed, or has all its samples."""
        return self.signs.get(number, Outcome.UNSPILLED) <= Outcome.FAILED or not self._missing(
            number
        )

    def _judge(self, number: int, event: Event) -> None:
        sign = sign_of(event)
        if isinstance(event, WorkerEvent) and event.what == "terminated":
            self.short_of_memory.add(number)
        if number in self.short_of_memory:
            sign = after_termination(sign)
        self.signs[number] = worst((self.signs.get(number, Outcome.UNSPILLED), sign))

    def _trial(self, number: int) -> Iterator[Event | Activity]:
        """Open a lane, take the samples that are missing, and end it."""
        yield from self._open(number)
        for round_number in sorted(self._missing(number)):
            if not self._is_over(number):
                yield from self._turn(number, round_number)
        if ready := self.ready.pop(number, None):
            self.lanes.end([ready.lane])

    def _take(
        self, number: int, ready: Ready[L], round_number: int, report: str | None = None
    ) -> Sample:
        """Take a sample, and before it is told hear all that the workers have to say of it."""
        sample = super()._take(number, ready, round_number, report)
        tick = self._ticking(number, ready.lane)
        ready.lane.ask({"op": "listen"}, self.settings.timeout_s, tick)
        self._hear(number, ready.lane)
        return sample

    def _note(self, event: Event) -> None:
        if isinstance(event, Reading | WorkerEvent):
            self._judge(event.case, event)
        super()._note(event)
