"""Values to a suite of two sides: two interpreters, or what differs in their environments."""

from collections.abc import Mapping
from typing import Any

import msgspec

from daskbench import interpreters, trust
from daskbench.config import KEYS as EVERY
from daskbench.config import Key, check_shared, make_sides, make_suite, on_both
from daskbench.config.kinds import Here
from daskbench.config.values import read_pairs, read_texts
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import VERDICT, Plan, Side, Suite
from daskbench.secrecy import keyed
from daskbench.stats.matching import comparable

KIND = "ab"
#: Options of a cluster that is there, whose workers have an environment of their own.
ELSEWHERE = ("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key")
#: What tells the sides apart. On the command line each is given once for each of its values.
SIDES = {
    "python": Key(
        read_texts,
        "PATH",
        "Interpreter of A, then of B; a single one is B's, and A has that of daskbench.",
    ),
    **{
        f"{kind}-{side}": Key(read_pairs, "KEY=VALUE", f"{what} {side.upper()}; may be repeated.")
        for kind, what in (
            ("config", "A value of Dask's configuration for the lanes and workers of"),
            ("env", "A variable of the environment of the lanes and workers of"),
        )
        for side in "ab"
    },
}
#: What the machine itself can do is the same on both sides.
KEYS = {name: key for name, key in EVERY.items() if name not in (*ELSEWHERE, "hardware")} | {
    "schedulers": EVERY["schedulers"].with_default("distributed"),
    "workers": EVERY["workers"].with_default("the number of usable cores"),
    "launches": EVERY["launches"].with_default(str(VERDICT.launches)),
    "rounds": EVERY["rounds"].with_default(str(VERDICT.rounds)),
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite with every case on both sides.

    Raises UsageError where the sides differ in nothing, lanes can't run there, or the benchmark is
    no race.
    """
    given = dict(values)
    python, env_a, env_b, config_a, config_b = (
        given.pop(key, ()) for key in ("python", "env-a", "env-b", "config-a", "config-b")
    )
    digest = keyed(trust.digest_key())
    sides = make_sides(python, (env_a, env_b), (config_a, config_b), digest)
    check_shared(sides, given)
    defaults = {
        "schedulers": ("distributed",),
        "workers": (here.cores(),),
        "launches": VERDICT.launches,
        "rounds": VERDICT.rounds,
        "hardware": False,
    }
    suite = make_suite(name, benchmark, defaults | given, here.cores, KIND)
    suite = on_both(suite, [_looked_into(side, suite) for side in sides])
    if not comparable(Plan((suite,)).cases):
        raise UsageError(f"{benchmark} is no race, so there is nothing to compare between A and B")
    return suite


def _looked_into(side: Side, suite: Suite) -> Side:
    """Return a side with the versions that it has; raises UsageError where lanes can't run."""
    found = interpreters.look(side)
    clusters = any(SCHEDULERS[case.scheduler].takes_cluster for case in suite.cases)
    interpreters.check(side, found, needs_distributed=clusters)
    return msgspec.structs.replace(side, versions=found.versions)
