"""Thresholds of a worker's memory: what is documented, what was observed, and whether they agree.

Source: https://distributed.dask.org/en/stable/worker-memory.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from daskbench.document import Record
from daskbench.journal.run import Run, Samples
from daskbench.model import Suite
from daskbench.stats.groups import Group
from daskbench.stats.results import Result, result_of
from daskbench.stats.tables import Numbered

Verdict = Literal["agrees", "differs", "not reached"]
Figures = Mapping[str, float]

#: Below: the ramp goes up by 1 % of the limit, and a process may grow a little by itself between
#: two looks at it. Above: Dask looks every 100 ms, and once it is over the threshold the ramp goes
#: up by 1 % each 0.5 s, so this is 1.5 s of lateness. A fixed time is not judged beside it: how
#: late a busy machine is says nothing of Dask.
_BELOW, _ABOVE = 0.015, 0.03
#: What was freed may go back to the system a moment after the last look.
_STOPS = 0.01

_DOCUMENTED = {
    "target": "as data come in: managed data go to disk, least recently used first",
    "spill": "{every}: data go to disk, least recently used first, until the process is below "
    "{stop}",
    "pause": "{every}: running tasks end and none starts; all goes on when the process is below it",
    "terminate": "{every}: the nanny ends that worker alone; what it held is computed again",
}


@dataclass(frozen=True)
class ThresholdCheck:
    """One threshold that was to be passed. Fractions are of the memory limit.

    `documented_fraction` is the one in force, 0 where it is off; `observed_fraction` the most that
    was held before the worker acted, None where it did not, `delay_s` how long after the
    threshold that was.
    """

    threshold: str
    documented_fraction: float
    documented: str
    observed_fraction: float | None
    observed: str
    delay_s: float | None
    verdict: Verdict
    differences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checks(Group):
    """Thresholds that were passed, each alone; `checks` are those of the results."""

    checks: tuple[ThresholdCheck | None, ...] = ()

    @property
    def checked(self) -> "list[tuple[Result, ThresholdCheck | None]]":
        """Each row with what was seen."""
        return list(zip(self.results, self.checks, strict=True))


def checks_of(run: Run, suite: Suite, numbered: Sequence[Numbered]) -> Checks:
    """Return what each threshold of a suite did."""
    results = tuple(result_of(run, *one) for one in numbered)
    checks = (
        check_of(str(result.case.parameters["threshold"]), run.samples[result.number])
        for result in results
    )
    return Checks(
        suite,
        results[0].case.benchmark,
        None,
        results,
        race=False,
        tells_failures=True,
        checks=tuple(checks),
    )


def record_of(check: ThresholdCheck) -> Record:
    """Return what a threshold did beside what is documented of it."""
    return {
        "documented_fraction": check.documented_fraction,
        "observed_fraction": check.observed_fraction,
        "delay_s": check.delay_s,
        "documented": check.documented,
        "observed": check.observed,
        "verdict": check.verdict,
        "differences": "; ".join(check.differences) or None,
    }


def check_of(threshold: str, samples: Samples) -> ThresholdCheck | None:
    """Return what the counted samples of a case show: the first that does not agree, if any."""
    found = [
        _check(threshold, samples.figures[i], samples.notes.get(i, ""))
        for i, counted in enumerate(samples.counted.tolist())
        if counted and i in samples.figures
    ]
    return next((one for one in found if one.verdict != "agrees"), found[0] if found else None)


def _check(threshold: str, seen: Figures, note: str) -> ThresholdCheck:
    differences = tuple(_differences(threshold, seen)) if "fraction" in seen else ()
    stop = f"{seen['stop_below']:.0%}" if "stop_below" in seen else "target"
    every = f"looked at every {seen.get('interval_s', 0.1) * 1000:g} ms"
    return ThresholdCheck(
        threshold=threshold,
        documented_fraction=seen["in_force"],
        documented=_DOCUMENTED[threshold].format(stop=stop, every=every),
        observed_fraction=seen.get("fraction"),
        observed=note,
        delay_s=seen.get("delay_s"),
        verdict="not reached" if "fraction" not in seen else "differs" if differences else "agrees",
        differences=differences,
    )


def _differences(threshold: str, seen: Figures) -> Iterator[str]:
    off = seen["fraction"] - seen["in_force"]
    if not seen["in_force"]:
        yield "it acted though it is off"
    elif not -_BELOW <= off <= _ABOVE:
        yield f"it acted at {seen['fraction']:.1%}, not at {seen['in_force']:.1%}"
    yield from _JUDGES[threshold](seen)


def _disk(seen: Figures) -> Iterator[str]:
    if out_of_order := seen["out_of_order"]:
        yield f"{out_of_order:.0f} of {seen['on_disk']:.0f} went to disk before their turn"


def _spill(seen: Figures) -> Iterator[str]:
    yield from _disk(seen)
    if seen["stopped_at"] > seen["stop_below"] + _STOPS:
        yield f"it stopped at {seen['stopped_at']:.1%}, above {seen['stop_below']:.0%}"


def _pause(seen: Figures) -> Iterator[str]:
    if not seen["ended_in_pause"]:
        yield "the running task did not end"
    if started := seen["started_in_pause"]:
        yield f"{started:.0f} tasks started while it was paused"
    if "resume_s" not in seen:
        yield "it did not go on"
    elif not seen["started_after"]:
        yield "no task was left to start after it"


def _terminate(seen: Figures) -> Iterator[str]:
    if not seen["ended"]:
        yield "its process still lives"
    if not seen["others"]:
        yield "no other worker held data"
    if seen["others_ended"]:
        yield "another worker was ended too"
    if seen["made_again"] < seen["lost"] or seen["made_for_nothing"]:
        yield f"{seen['lost']:.0f} blocks were lost, {seen['made_again']:.0f} made again"


_JUDGES = {"target": _disk, "spill": _spill, "pause": _pause, "terminate": _terminate}
