"""Checks of a line beyond the types of its fields; a line that fails them is damaged."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from daskbench.events import Header, Line, Resumed, SuiteFinished
from daskbench.journal.run import Run
from daskbench.model import Plan
from daskbench.ranges import Bytes, Count, Number

_DEEPEST = 20
_LARGEST = 2**63
_MOST_SAMPLES = 10**8


class _Environment(msgspec.Struct):
    """What is read of an environment; what else stands in it is shown as it is."""

    host: str = ""
    platform: str = ""
    cpu: str = ""
    cores: Count = 0
    memory_bytes: Bytes = 0
    swap_used_bytes: Bytes = 0
    load_1min: Number = 0.0
    python: str = ""
    versions: Mapping[str, str] = {}
    dask_variables: tuple[str, ...] = ()
    temp_folder: str = ""
    temp_filesystem: str = ""
    job: Mapping[str, Any] = {}


def checked(header: Header) -> Header:
    """Return the header; raises ValueError or msgspec's error if it is invalid."""
    _check_plain(header.environment, _DEEPEST)
    msgspec.convert(header.environment, _Environment)
    try:
        datetime.fromisoformat(header.started).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
    check_plan(header.plan)
    return header


def check_plan(plan: Plan) -> None:
    """Raise ValueError or msgspec's error if a journal can't hold the plan."""
    msgspec.convert(msgspec.to_builtins(plan), Plan)
    suites = plan.suites
    if not suites or not all(suite.cases for suite in suites):
        raise ValueError("a plan without cases")
    if twice := [name for name, n in Counter(suite.name for suite in suites).items() if n > 1]:
        raise ValueError(f"two suites are called {twice[0]}")
    if any(suite.settings.samples > _MOST_SAMPLES for suite in suites):
        raise ValueError(f"more than {_MOST_SAMPLES:,} samples of a case")


def check_place(run: Run, line: Line) -> None:
    """Raise ValueError if a line is not allowed at its position."""
    if isinstance(line, Header):
        raise ValueError("a second header")
    if run.finished and not isinstance(line, Resumed):
        raise ValueError("it comes after the end of the run")
    if isinstance(line, SuiteFinished) and line.suite not in {s.name for s in run.plan.suites}:
        raise ValueError("a suite that is not in the plan")


def _check_plain(value: Any, depth: int) -> None:
    """Raise ValueError if values are nested too deeply, or numbers are out of range."""
    if depth == 0:
        raise ValueError(f"nested deeper than {_DEEPEST}")
    if isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
        raise ValueError("a number out of range")
    if isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            _check_plain(inner, depth - 1)
