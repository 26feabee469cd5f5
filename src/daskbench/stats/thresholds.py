"""Thresholds of a worker's memory: what is documented, what was observed, and whether they agree.

Source: https://distributed.dask.org/en/stable/worker-memory.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from daskbench.journal.run import Samples

THRESHOLDS = "thresholds"
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
class Passage:
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


def passage_of(threshold: str, samples: Samples) -> Passage | None:
    """Return what the counted samples of a case show: the first that does not agree, if any."""
    found = [
        _passage(threshold, samples.figures[i], samples.notes.get(i, ""))
        for i, counted in enumerate(samples.counted.tolist())
        if counted and i in samples.figures
    ]
    return next((one for one in found if one.verdict != "agrees"), found[0] if found else None)


def _passage(threshold: str, seen: Figures, note: str) -> Passage:
    differences = tuple(_differences(threshold, seen)) if "fraction" in seen else ()
    stop = f"{seen['stop_below']:.0%}" if "stop_below" in seen else "target"
    every = f"looked at every {seen.get('interval_s', 0.1) * 1000:g} ms"
    return Passage(
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
