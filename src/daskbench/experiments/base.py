"""What every experiment is: a kind of question, from its values to what is said of its samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Progress
from daskbench.conductor.rounds import Rounds
from daskbench.config import KEYS, Key, make_suite
from daskbench.config.kinds import Here
from daskbench.document import Record, Section
from daskbench.document.times import section_of
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.model import Case, Suite
from daskbench.stats.groups import Group, groups_of
from daskbench.stats.results import Result
from daskbench.stats.tables import Numbered


@dataclass(frozen=True)
class Part:
    """What an experiment makes of one suite of a run: its tables, and what is shown of them.

    `figures` are what a row has beside those of every result, by the number of its case, and
    `facts` what there is beside rows. With `tells_memory` its own tables tell what workers held.
    """

    suite: Suite
    groups: Sequence[Group]
    sections: Sequence[Section]
    failed: bool
    figures: Mapping[int, Record] = field(default_factory=dict)
    facts: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    tells_memory: bool = False

    @property
    def results(self) -> list[Result]:
        """All rows, in the order of the tables."""
        return [result for group in self.groups for result in group.results]


class Experiment:
    """A kind of question. Each has a folder of its own, whose `EXPERIMENT` is one of these.

    `rules` find what is to be said of its suites. `facts` are the lists that it adds to JSON.
    `keys` are the options that it takes, in benchmarks.toml and on the command line alike.
    With `decides` its suites go on until every row has a verdict, unless they say how long.
    `kind` is the name under which it is registered.
    """

    rules: ClassVar[tuple[Rule, ...]] = ()
    facts: ClassVar[tuple[str, ...]] = ()
    keys: ClassVar[Mapping[str, Key]] = KEYS
    decides: ClassVar[bool] = False
    kind = ""

    def make(self, name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
        """Return the suite that these values ask for; raises UsageError."""
        return make_suite(name, benchmark, values, here.cores, self.kind, decide=self.decides)

    def foretold(self, suite: Suite) -> list[str]:
        """Return what is to be known of a suite before it is measured, a line each."""
        return []

    def extent(self, suite: Suite) -> str:
        """Say what there is to try, where not all cases are measured."""
        return f"{len(suite.cases)} cases"

    def most_cases(self, suite: Suite) -> int | None:
        """Return how many of its cases are measured at most; None where all of them are."""
        return None

    def policy(
        self,
        suite: Suite,
        cases: Mapping[int, Case],
        before: Progress,
        seed: int,
        start_s: float,
    ) -> Policy:
        """Return what decides which case is measured next: rounds, unless overridden."""
        return Rounds(suite, cases, before, seed, start_s)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Make of a suite's samples what is shown of them: tables of times, unless overridden."""
        groups = groups_of(run, numbered)
        sections = [section_of(one, published=published) for one in groups if not one.reference]
        return Part(suite, groups, sections, has_failed(groups))

    def outcomes(self, run: Run) -> Mapping[int, int]:
        """Return what is known of cases that were begun, by their numbers, to go on from there."""
        return {}


def has_failed(groups: Sequence[Group]) -> bool:
    """Whether a case failed, or has no sample that counts."""
    rows = (result for group in groups for result in group.results)
    return any(result.status in ("failed", "invalid") for result in rows)
