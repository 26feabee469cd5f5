"""Turn values into a suite that measures one case repeatedly, and slowed down by a known amount."""

from collections.abc import Mapping
from typing import Any

import msgspec

from daskbench.config import HOW, WHERE, WORK, Key, make_suite
from daskbench.config.keys import NARROWEST
from daskbench.config.kinds import Here
from daskbench.config.values import list_of, one_of, percent_from, read_few
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import FEWEST, VERDICT, Experiment, Side, Suite
from daskbench.ranges import MOST

KIND = "calibration"
#: About 40 ms per sample: long enough for its noise to be that of the machine.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {"calc_mean": {"n": 100_000, "tasks": 10}}
_COMPARISONS, _SLOWDOWNS = 20, (0.05,)
_LEAST_ROUNDS = 2


KEYS = {
    "schedulers": Key(list_of(one_of(SCHEDULERS)), "NAME", "Where to run. [threads]"),
    "workers": Key(
        list_of(read_few), "N", "Workers, if the scheduler has any. [the number of usable cores]"
    ),
    "threads-per-worker": Key(list_of(read_few), "N", "Threads of a distributed worker. [1]"),
    "memory-limit": WHERE["memory-limit"],
    "comparisons": Key(read_few, "N", "Number of comparisons; more narrow the intervals. [20]"),
    "slowdown": Key(
        list_of(percent_from(NARROWEST, "5%")),
        "PERCENT,...",
        "Also measure the case slowed down by this, to see how often that is detected. [5%]",
    ),
    "launches": Key(read_few, "N", "Launches per comparison, as in 'daskbench ab'. [10]"),
    "rounds": Key(read_few, "N", "Rounds per launch. [15]"),
    "warmup": HOW["warmup"],
    "timeout": HOW["timeout"],
    "wait-for-workers": HOW["wait-for-workers"].with_default("10s"),
    "min-time": HOW["min-time"],
    "blas-threads": HOW["blas-threads"],
    **WORK,
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite of one case, the same case again, and the case with each of the slowdowns.

    Raises UsageError if the values describe more than one case, or contradict each other.
    """
    cores = here.cores()
    chosen: dict[str, Any] = {name: (value,) for name, value in DEFAULTS.get(benchmark, {}).items()}
    chosen |= {"schedulers": ("threads",), "workers": (cores,), **values}
    slowdowns = chosen.pop("slowdown", _SLOWDOWNS)
    comparisons = chosen.pop("comparisons", _COMPARISONS)
    launches = chosen.pop("launches", VERDICT.launches)
    chosen |= {"hardware": False, "rounds": chosen.get("rounds", VERDICT.rounds)}
    suite = make_suite(name, benchmark, chosen, lambda: cores)
    if len(suite.cases) > 1:
        raise UsageError(
            f"a calibration needs a single case, but these options make {len(suite.cases)}: "
            f"{suite.cases[0]}, {suite.cases[1]}...; give one value of each"
        )
    if suite.settings.rounds < _LEAST_ROUNDS:
        raise UsageError(
            f"--rounds {suite.settings.rounds} is too few for a calibration, which compares "
            f"launches by their medians; use {_LEAST_ROUNDS} or more"
        )
    if launches < FEWEST and (launches > 1 or suite.settings.rounds < FEWEST):
        raise UsageError(
            f"--launches {launches} is too few for comparisons with an interval; use {FEWEST} or "
            f"more, or 1 with {FEWEST} rounds or more"
        )
    if (every := comparisons * launches) > MOST:
        raise UsageError(
            f"--comparisons {comparisons:,} with --launches {launches:,} makes {every:,} launches; "
            f"use at most {MOST:,} in all"
        )
    slower = (Side(f"{100 * part:g}% slower", slowdown=part) for part in slowdowns)
    sides = [Side("A"), Side("A again"), *slower]
    return msgspec.structs.replace(
        suite,
        cases=tuple(msgspec.structs.replace(suite.cases[0], side=side) for side in sides),
        settings=msgspec.structs.replace(suite.settings, launches=comparisons * launches),
        experiment=Experiment(KIND, {"launches": launches}),
    )
