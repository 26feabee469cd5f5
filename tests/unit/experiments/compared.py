"""What several tests of comparison share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from daskbench.events import Event
from daskbench.experiments.ab.rows import (
    Comparisons,
)
from daskbench.journal.run import Run
from daskbench.model import Case, Side
from tests.unit.builders import (
    make_case,
    make_plan,
    make_run,
    make_suite,
    timed,
)

LAUNCHES, ROUNDS = 5, 4
#: What each launch has by luck: 1 % up or down.
LUCK = (0.99, 1.0, 1.01, 0.995, 1.005)


def launched(case: int, seconds: float, launches: int = LAUNCHES) -> list[Event]:
    """Samples of several launches, each with its luck, and a little noise in its rounds."""
    noise = (0.999, 1.001, 1.0, 1.0)
    return [*timed(case, [seconds * luck * n for luck in LUCK[:launches] for n in noise])]


def runs_of(
    folder: Path,
    a: Sequence[float],
    b: Sequence[float],
    launches: int = LAUNCHES,
    cases: Sequence[Case] | None = None,
    **environment: Any,
) -> tuple[Run, Run]:
    """Two runs of the same cases, which take so many seconds on either side."""
    cases = cases or [make_case(workers=n) for n in range(1, len(a) + 1)]
    plan = make_plan(make_suite(*cases, rounds=ROUNDS, launches=launches))

    def one(name: str, seconds: Sequence[float], **more: Any) -> Run:
        events = [e for n, s in enumerate(seconds) for e in launched(n, s, launches)]
        return make_run(folder, events, plan, run_id=name, **more)

    return one("20260101-a", a), one("20260102-b", b, **environment)


def verdicts_of(compared: Comparisons) -> list[str | None]:
    return [row.verdict for row in compared.rows]


def sided(folder: Path, a: Sequence[float], b: Sequence[float], suites: int = 1) -> Run:
    """A run of two sides, paired; with several suites, each measured the same."""
    sides = [Side(name, versions={"dask": v}) for name, v in (("A", "2025.1.0"), ("B", "2026.8.0"))]
    cases = [
        msgspec.structs.replace(make_case(workers=n), side=side)
        for n in range(1, len(a) + 1)
        for side in sides
    ]
    names = [f"suite {number}" for number in range(suites)]
    plan = make_plan(
        *(make_suite(*cases, name=name, rounds=ROUNDS, launches=LAUNCHES) for name in names)
    )
    seconds = [s for pair in zip(a, b, strict=True) for s in pair] * suites
    return make_run(folder, [e for n, s in enumerate(seconds) for e in launched(n, s)], plan)
