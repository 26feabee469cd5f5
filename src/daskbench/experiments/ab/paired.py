"""The command that would measure the same cases in pairs, in the same rounds of one run."""

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from daskbench.experiments.ab.rows import Comparisons
from daskbench.model import Case, Settings, Suite
from daskbench.stats.environments import changes
from daskbench.stats.results import Result

PYTHONS = "--python A/bin/python --python B/bin/python"
CONFIG = "--config-a KEY=VALUE --config-b KEY=VALUE"
#: Nobody runs more commands than this one by one.
_MOST = 3
_USUAL = Settings()


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
    words = [word for option in _options(cases, suite) for word in option]
    return f"daskbench ab {sides} --benchmark {shlex.join([benchmark, *words])}"


def _options(cases: list[Case], suite: Suite) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(name for case in cases for name in case.parameters):
        values = (case.parameters[name] for case in cases if name in case.parameters)
        yield f"--{name.replace('_', '-')}", _listed(values)
    yield "--schedulers", _listed(case.scheduler for case in cases)
    for name in ("workers", "threads_per_worker", "memory_limit_bytes"):
        sizes = [size for case in cases if (size := getattr(case, name))]
        if sizes and (name != "threads_per_worker" or {*sizes} != {1}):
            yield f"--{name.removesuffix('_bytes').replace('_', '-')}", _listed(sizes)
    for name, value in _thresholds(cases).items():
        yield f"--{name.removesuffix('_s').replace('_', '-')}", f"{value:g}" if value else "off"
    if suite.settings.blas_threads != _USUAL.blas_threads:
        yield "--blas-threads", str(suite.settings.blas_threads or "native")


def _thresholds(cases: list[Case]) -> dict[str, float]:
    return {name: value for case in cases for name, value in case.thresholds.given.items()}


def _listed(values: Iterable[Any]) -> str:
    texts = (repr(value) if isinstance(value, float) else str(value) for value in values)
    return ",".join(dict.fromkeys(texts))
