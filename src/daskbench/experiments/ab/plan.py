"""Turn values into a suite with two sides: two interpreters, or two environments."""

from collections.abc import Mapping
from typing import Any

import msgspec

from daskbench import interpreters, trust
from daskbench.config import ANY as EVERY
from daskbench.config import (
    ENOUGH,
    Key,
    check_shared,
    cluster_of,
    in_turns,
    make_sides,
    make_suite,
    on_both,
    options_of_side,
    settings_for,
)
from daskbench.config.arguments import read_options
from daskbench.config.kinds import Here
from daskbench.config.values import read_pairs, read_texts
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import (
    DECIDE_IN_TURNS,
    DECIDE_SIDES,
    VERDICT,
    Plan,
    Settings,
    Side,
    Suite,
)
from daskbench.secrecy import keyed
from daskbench.stats.matching import comparable
from daskbench.units import format_seconds

KIND = "ab"
#: Options for clusters that are there, on which the sides can't differ.
ELSEWHERE = ("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key")
#: How the sides differ. On the command line each may be repeated.
SIDES = {
    "python": Key(
        read_texts,
        "PATH",
        "Interpreter of A, then of B; if given once, of B, and A uses daskbench's own.",
    ),
    **{
        f"{kind}-{side}": Key(read_pairs, "KEY=VALUE", f"{what} {side.upper()}; repeatable.")
        for kind, what in (
            ("config", "Dask configuration value for the lanes and workers of side"),
            ("env", "Environment variable for the lanes and workers of side"),
        )
        for side in "ab"
    },
    **{
        f"cluster-option-{side}": Key(
            read_options,
            "KEY=VALUE",
            f"Option of the cluster of side {side.upper()}, as --cluster-option; repeatable. "
            "protocol and interface are such options of every kind of cluster.",
        )
        for side in "ab"
    },
}
#: What of a side only lanes have; workers that others start have their own.
_OF_LANES = ("python", "env-a", "env-b", "config-a", "config-b")
#: The hardware is the same on both sides.
KEYS = {name: key for name, key in EVERY.items() if name not in (*ELSEWHERE, "hardware")} | {
    "schedulers": EVERY["schedulers"].with_default("distributed"),
    "workers": EVERY["workers"].with_default("the number of usable cores"),
    "launches": EVERY["launches"].with_default("until every row is decided"),
    "rounds": EVERY["rounds"].with_default(str(VERDICT.rounds)),
    "budget": EVERY["budget"].with_default(format_seconds(DECIDE_SIDES.budget_s or 0)),
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite with every case on both sides.

    Raises UsageError if the sides do not differ, lanes can't run there, or the benchmark's times
    can't be compared.
    """
    given = dict(values)
    sides = _sides(given)
    check_shared(sides, given)
    defaults: dict[str, Any] = {
        "schedulers": ("distributed",),
        "workers": (here.cores(),),
        "hardware": False,
    }
    suite = make_suite(name, benchmark, defaults | given, here.cores, KIND)
    suite = on_both(suite, [_looked_into(side, suite) for side in sides])
    turns = suite.in_turns or in_turns(suite.cluster, suite.cases, suite.settings)
    settings = _settings(defaults | given, is_in_turns=bool(turns))
    suite = msgspec.structs.replace(suite, in_turns=turns, settings=settings)
    if not comparable(Plan((suite,)).cases):
        raise UsageError(f"the times of {benchmark} can't be compared; choose another --benchmark")
    return suite


def _settings(given: Mapping[str, Any], *, is_in_turns: bool) -> Settings:
    """Return how long both sides are measured. Lanes in turns start anew for each sample."""
    if not ENOUGH & given.keys():
        return settings_for(given, DECIDE_IN_TURNS if is_in_turns else DECIDE_SIDES)
    enough = {"launches": VERDICT.launches, "rounds": VERDICT.rounds}
    if is_in_turns:
        enough = {"launches": 1, "rounds": 1 if "launches" in given else VERDICT.launches}
    return settings_for({**enough, **given})


def _sides(given: dict[str, Any]) -> tuple[Side, Side]:
    """Take what the sides are out of the values. Raises UsageError."""
    words = {f"cluster-option-{side}": given.pop(f"cluster-option-{side}", ()) for side in "ab"}
    own = {key: given.pop(key, ()) for key in _OF_LANES}
    cluster = cluster_of({"cluster": "local", **given})
    if cluster.name and (key := next((key for key in own if own[key]), None)):
        raise UsageError(
            f"--{key}: the workers of {cluster.name} have their own environment, so only the "
            "client would differ between A and B; use --cluster-option-a and --cluster-option-b"
        )
    a, b = (options_of_side(cluster, f"--{option}", told) for option, told in words.items())
    others = [one for one in given.get("schedulers", ()) if not SCHEDULERS[one].takes_cluster]
    if (a or b) and others:
        raise UsageError(f"--cluster-option-a and -b apply only to distributed, not {others[0]}")
    python, env_a, env_b, config_a, config_b = own.values()
    digest = keyed(trust.digest_key())
    return make_sides(python, (env_a, env_b), (config_a, config_b), (a, b), digest)


def _looked_into(side: Side, suite: Suite) -> Side:
    """Return a side with the versions of its packages; raises UsageError if lanes can't run."""
    found = interpreters.look(side)
    clusters = any(SCHEDULERS[case.scheduler].spills for case in suite.cases)
    interpreters.check(side, found, needs_distributed=clusters)
    return msgspec.structs.replace(side, versions=found.versions)
