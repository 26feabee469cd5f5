"""What several tests of findings share."""

from collections.abc import Sequence
from pathlib import Path

from daskbench.events import Event, Sample
from daskbench.experiments.report import build
from daskbench.model import Plan
from tests.unit.builders import (
    make_run,
    timed,
)

#: A line of 80 characters, but for the point before it.
MOST = 78


def found_in(
    folder: Path,
    events: Sequence[Event] | None = None,
    plan: Plan | None = None,
    *,
    finish: bool = True,
    **environment: object,
) -> list[str]:
    """The findings of a run; those with a brief form fit a line with it."""
    run = make_run(folder, events, plan, finish=finish, **environment)  # type: ignore[arg-type]
    notes = build(run).notes
    names = {f"{suite.name}: " for suite in plan.suites} if plan and len(plan.suites) > 1 else {""}
    most = MOST + max(map(len, names))
    assert not [note.brief for note in notes if len(note.brief or "") > most]
    return [note.text for note in notes]


def threads(wide_s: float, **changes: object) -> list[Sample]:
    numpy = timed(0, [0.35, 0.35, 0.36, 0.35, 0.35])
    narrow = timed(1, [0.40, 0.41, 0.40, 0.40, 0.40], cpu_s=0.40)
    return [*numpy, *narrow, *timed(2, [wide_s] * 5, cpu_s=0.42, **changes)]
