"""What several tests of thresholds share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daskbench.config import make_suite
from daskbench.events import Event
from daskbench.experiments.report import Report
from daskbench.experiments.thresholds.rows import Checks, ThresholdCheck
from daskbench.model import Plan, Suite
from daskbench.stats.results import Result
from tests.unit.builders import make_lane, make_report, make_sample

#: What is seen where all is as documented.
SEEN: dict[str, dict[str, float]] = {
    "target": {
        "in_force": 0.6,
        "fraction": 0.6001,
        "delay_s": 0.02,
        "on_disk": 7,
        "out_of_order": 0,
    },
    "spill": {"in_force": 0.7, "fraction": 0.708, "delay_s": 0.1, "on_disk": 3, "out_of_order": 0}
    | {"stopped_at": 0.588, "stop_below": 0.6},
    "pause": {"in_force": 0.8, "fraction": 0.806, "delay_s": 0.08, "ended_in_pause": 1}
    | {"started_in_pause": 0, "started_after": 6, "resumed_at": 0.13, "resume_s": 0.02},
    "terminate": {"in_force": 0.95, "fraction": 0.957, "delay_s": 0.03, "ended": 1, "others": 1}
    | {"others_ended": 0, "lost": 4, "made_again": 4, "made_for_nothing": 0},
}
NOT_REACHED = {"in_force": 0.8, "highest": 0.99}


def suite_of(**values: Any) -> Suite:
    return make_suite("thresholds", "thresholds", values, lambda: 2)


def report_of(folder: Path, *events: Event, **seen: Mapping[str, float]) -> Report:
    """A report of all four; what differs from `SEEN` is given by threshold."""
    plan = Plan((suite_of(),))
    samples = [
        make_sample(number, figures=seen.get(name, figures), note=f"what followed {name}")
        for number, (name, figures) in enumerate(SEEN.items())
        if not any(getattr(event, "case", None) == number for event in events)
    ]
    return make_report(folder, [*map(make_lane, range(4)), *samples, *events], plan)


def checked(report: Report) -> list[tuple[Result, ThresholdCheck | None]]:
    [checks] = report.tables
    assert isinstance(checks, Checks)
    return checks.checked
