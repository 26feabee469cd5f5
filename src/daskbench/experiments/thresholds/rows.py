"""Checks of memory thresholds: documented behaviour, observed behaviour, and whether they agree.

Source: https://distributed.dask.org/en/stable/worker-memory.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from daskbench.document import Record
from daskbench.journal.run import Run, Samples
from daskbench.model import Suite
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result, result_of
from daskbench.stats.tables import Numbered

Verdict = Literal["agrees", "differs", "not reached"]
Figures = Mapping[str, float]

#: Below: the ramp rises in steps of 1 % of the limit, and a process may grow a little by itself
#: between two readings. Above: Dask checks every 100 ms, and beyond the threshold the ramp rises
#: by 1 % per 0.5 s, so this allows a delay of 1.5 s. The delay itself is not judged, as delays on
#: a busy machine say nothing about Dask.
_BELOW, _ABOVE = 0.015, 0.03
#: Freed memory may be returned to the system shortly after the last reading.
_STOPS = 0.01

_DOCUMENTED = {
    "target": "as data arrives: managed data goes to disk, least recently used first",
    "spill": "{every}: data goes to disk, least recently used first, until the process is below "
    "{stop}",
    "pause": "{every}: running tasks finish, none starts; resumes when the process is below it",
    "terminate": "{every}: the nanny restarts only that worker; its data is recomputed",
}


@dataclass(frozen=True)
class ThresholdCheck:
    """The check of one threshold. Fractions are of the memory limit.

    `documented_fraction` is the one in force, 0 if it is off; `observed_fraction` the most that
    was held before the worker acted, None if it did not; `delay_s` the time from crossing the
    threshold to that.
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
class Checks(ResultTable):
    """Threshold checks, each alone on its workers; `checks` match the results."""

    checks: tuple[ThresholdCheck | None, ...] = ()

    @property
    def checked(self) -> "list[tuple[Result, ThresholdCheck | None]]":
        """Each row with its check."""
        return list(zip(self.results, self.checks, strict=True))


def checks_of(run: Run, suite: Suite, numbered: Sequence[Numbered]) -> Checks:
    """Return the threshold checks of a suite."""
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
    """Return a threshold check as plain values."""
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
    """Return the check of a case from its valid samples: the first that disagrees, if any."""
    found = [
        _check(threshold, samples.figures[i], samples.notes.get(i, ""))
        for i, counted in enumerate(samples.counted.tolist())
        if counted and i in samples.figures
    ]
    return next((one for one in found if one.verdict != "agrees"), found[0] if found else None)


def _check(threshold: str, seen: Figures, note: str) -> ThresholdCheck:
    differences = tuple(_differences(threshold, seen)) if "fraction" in seen else ()
    stop = f"{seen['stop_below']:.0%}" if "stop_below" in seen else "target"
    every = f"checked every {seen.get('interval_s', 0.1) * 1000:g} ms"
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
        yield "it acted although it is off"
    elif not -_BELOW <= off <= _ABOVE:
        yield f"it acted at {seen['fraction']:.1%}, not at {seen['in_force']:.1%}"
    yield from _JUDGES[threshold](seen)


def _disk(seen: Figures) -> Iterator[str]:
    if out_of_order := seen["out_of_order"]:
        yield f"{out_of_order:.0f} of {seen['on_disk']:.0f} blocks went to disk out of order"


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
        yield "it did not resume"
    elif not seen["started_after"]:
        yield "no task was left to start after it"


def _terminate(seen: Figures) -> Iterator[str]:
    if not seen["ended"]:
        yield "its process is still alive"
    if not seen["others"]:
        yield "no other worker held data"
    if seen["others_ended"]:
        yield "another worker ended too"
    if seen["made_again"] < seen["lost"] or seen["made_for_nothing"]:
        yield f"{seen['lost']:.0f} blocks were lost, {seen['made_again']:.0f} recomputed"


_JUDGES = {"target": _disk, "spill": _spill, "pause": _pause, "terminate": _terminate}
