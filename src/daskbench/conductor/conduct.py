"""The conductor: measures one suite after another, and always writes a final event."""

from collections.abc import Callable, Generator, Mapping
from typing import Generic

from daskbench.conductor.machine import Machine
from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Activity, L, Lanes, Progress, Report
from daskbench.conductor.rounds import Rounds
from daskbench.conductor.suites import SuiteRun
from daskbench.errors import Interrupted
from daskbench.events import EndReason, Event, Finished
from daskbench.model import Case, Plan, Suite

#: Makes a policy of a suite, its cases by number, what was measured before, seed and time.
PolicyOf = Callable[[Suite, Mapping[int, Case], Progress, int, float], Policy]


def rounds_of(
    suite: Suite, cases: Mapping[int, Case], before: Progress, seed: int, start_s: float
) -> Policy:
    """Return the default policy: rounds."""
    return Rounds(suite, cases, before, seed, start_s)


class Conductor(Generic[L]):
    """Runs a plan. Clock, machine and lanes are injected, so that tests can fake them.

    `tick` is called ten times per second while a lane works; it may raise Interrupted. `note`
    receives what lanes report during a sample, `show` the activity of a lane that is starting.
    Lanes report secrets as digests keyed with `digest_key`. `policy` makes the policy of a suite,
    which decides the next case; rounds by default.
    """

    def __init__(
        self,
        plan: Plan,
        lanes: Lanes[L],
        *,
        clock: Callable[[], float],
        machine: Machine,
        tick: Callable[[], None],
        note: Callable[[Event], None] = lambda event: None,
        before: Progress | None = None,
        report: Report | None = None,
        digest_key: str | None = None,
        show: Callable[[Activity], None] = lambda doing: None,
        policy: PolicyOf | None = None,
    ) -> None:
        self.plan, self.lanes, self.machine, self.tick = plan, lanes, machine, tick
        self.before = before or Progress()
        self.note, self.report, self.digest_key = note, report, digest_key
        self.show, self.policy = show, policy or rounds_of
        self._clock, self._start = clock, clock() - self.before.elapsed_s

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began, including earlier sessions; never negative.

        A clock that is set back, as on a virtual machine, must not damage the journal.
        """
        return max(0.0, self._clock() - self._start)

    def run(self) -> Generator[Event | Activity, None, None]:
        """Measure everything, yielding events. Lanes are always ended."""
        reason: EndReason = "complete"
        first = failed = 0
        try:
            for suite in self.plan.suites:
                cases = dict(enumerate(suite.cases, first))
                first += len(cases)
                policy = self.policy(suite, cases, self.before, self.plan.seed, self.elapsed_s)
                part = SuiteRun(self, suite, cases, policy)
                ended = yield from part.run()
                failed += part.failed
                reason = ended if ended != "complete" else reason
        except Interrupted:
            reason = "interrupted"
        yield Finished(reason, self.elapsed_s, failed)


__all__ = ["Activity", "Conductor", "Progress", "Report"]
