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
    make_sides,
    make_suite,
    on_both,
    settings_for,
)
from daskbench.config.kinds import Here
from daskbench.config.values import read_pairs, read_texts
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import DECIDE_SIDES, VERDICT, Plan, Side, Suite
from daskbench.secrecy import keyed
from daskbench.stats.matching import comparable
from daskbench.units import format_seconds

KIND = "ab"
#: Options for clusters elsewhere, whose workers have their own environment.
ELSEWHERE = (
    *("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key"),
    *("cluster", "cluster-option", "queue-timeout"),
)
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
}
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
    python, env_a, env_b, config_a, config_b = (
        given.pop(key, ()) for key in ("python", "env-a", "env-b", "config-a", "config-b")
    )
    digest = keyed(trust.digest_key())
    sides = make_sides(python, (env_a, env_b), (config_a, config_b), digest)
    check_shared(sides, given)
    defaults: dict[str, Any] = {
        "schedulers": ("distributed",),
        "workers": (here.cores(),),
        "hardware": False,
    }
    if ENOUGH & given.keys():
        defaults |= {"launches": VERDICT.launches, "rounds": VERDICT.rounds}
    suite = make_suite(name, benchmark, defaults | given, here.cores, KIND)
    if not ENOUGH & given.keys():
        settings = settings_for(defaults | given, DECIDE_SIDES)
        suite = msgspec.structs.replace(suite, settings=settings)
    suite = on_both(suite, [_looked_into(side, suite) for side in sides])
    if not comparable(Plan((suite,)).cases):
        raise UsageError(f"the times of {benchmark} can't be compared; choose another --benchmark")
    return suite


def _looked_into(side: Side, suite: Suite) -> Side:
    """Return a side with the versions of its packages; raises UsageError if lanes can't run."""
    found = interpreters.look(side)
    clusters = any(SCHEDULERS[case.scheduler].spills for case in suite.cases)
    interpreters.check(side, found, needs_distributed=clusters)
    return msgspec.structs.replace(side, versions=found.versions)
