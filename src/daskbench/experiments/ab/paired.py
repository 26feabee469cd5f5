"""The command that would measure the same cases in pairs, in the same rounds of one run."""

import shlex

from daskbench.document.commands import options_of
from daskbench.experiments.ab.rows import Comparisons
from daskbench.stats.environments import changes
from daskbench.stats.results import Result

PYTHONS = "--python A/bin/python --python B/bin/python"
CONFIG = "--config-a KEY=VALUE --config-b KEY=VALUE"
#: Nobody runs more commands than this one by one.
_MOST = 3


def machines(compared: Comparisons) -> bool:
    """Whether the sides were measured on different machines, which no round can share."""
    a, b = (run.environment.get("host") for run in compared.runs)
    return a != b


def commands(compared: Comparisons) -> list[str]:
    """Return a command per benchmark for the cases of both runs, as far as the plans define it."""
    a, b = (run.environment for run in compared.runs)
    versions = (
        {"versions": side.get("versions", {}), "python": side.get("python")} for side in (a, b)
    )
    sides = PYTHONS if changes(*versions) else CONFIG
    by_benchmark: dict[str, list[Result]] = {}
    for row in compared.compared:
        if row.b:
            by_benchmark.setdefault(row.b.case.benchmark, []).append(row.b)
    return [_command(name, sides, found) for name, found in by_benchmark.items()][:_MOST]


def _command(benchmark: str, sides: str, results: list[Result]) -> str:
    cases, suite = [result.case for result in results], results[0].suite
    return f"daskbench ab {sides} --benchmark {shlex.join([benchmark, *options_of(cases, suite)])}"
