"""Which is faster: cases that compute the same result, in the same rounds."""

import shlex

from daskbench.document.commands import options_of
from daskbench.experiments.base import Experiment
from daskbench.experiments.compare.findings import RULES
from daskbench.experiments.compare.undecided import undecided
from daskbench.findings.rules import Rule
from daskbench.model import DECIDE, SESSION, Case, Suite


class Compare(Experiment):
    """Compares cases with their baseline, usually Dask's schedulers with plain NumPy."""

    rules = (*RULES, Rule(undecided))
    decides = DECIDE

    def again(self, suite: Suite) -> list[str]:
        """Return a command for each benchmark of a suite, other than functions of a session."""
        of: dict[str, list[Case]] = {}
        for case in suite.cases:
            if not case.reference and SESSION not in case.benchmark:
                of.setdefault(case.benchmark, []).append(case)
        return [_command(name, suite, cases) for name, cases in of.items()]


def _command(benchmark: str, suite: Suite, cases: list[Case]) -> str:
    settings = suite.settings
    long = [] if settings.decide else ["--rounds", str(settings.rounds)]
    long += ["--launches", str(settings.launches)] if settings.launches > 1 else []
    words = [benchmark, *options_of(cases, suite), *long]
    return f"daskbench bench {shlex.join(words)}"


EXPERIMENT = Compare()
