"""Values to a suite that measures the same again and again, and slowed down by a known part."""

from typing import Any

import msgspec

from daskbench.config.suites import Values, make_suite
from daskbench.errors import UsageError
from daskbench.model import FEWEST, VERDICT, Side, Suite

_COMPARISONS, _SLOWDOWNS = 20, (0.05,)
_LEAST_ROUNDS = 2


def make_calibration(name: str, benchmark: str, values: Values, cores: int) -> Suite:
    """Return the suite of one case, the same again, and slower by each of the slow-downs.

    Raises UsageError where the values are of more than one case, or contradict each other.
    """
    chosen: dict[str, Any] = {"schedulers": ("threads",), "workers": (cores,), **values}
    slowdowns = chosen.pop("slowdown", _SLOWDOWNS)
    comparisons = chosen.pop("comparisons", _COMPARISONS)
    launches = chosen.pop("launches", VERDICT.launches)
    chosen |= {"hardware": False, "rounds": chosen.get("rounds", VERDICT.rounds)}
    suite = make_suite(name, benchmark, chosen, lambda: cores)
    if len(suite.cases) > 1:
        raise UsageError(
            f"a calibration is of one case, and these are {len(suite.cases)}: "
            f"{suite.cases[0]}, {suite.cases[1]}...; name one value of each"
        )
    if suite.settings.rounds < _LEAST_ROUNDS:
        raise UsageError(
            f"--rounds {suite.settings.rounds} is too few for a calibration, which compares "
            f"launches by their medians; take {_LEAST_ROUNDS} or more"
        )
    if launches < FEWEST and (launches > 1 or suite.settings.rounds < FEWEST):
        raise UsageError(
            f"--launches {launches} is too few for comparisons with an interval; take {FEWEST} or "
            f"more, or 1 of {FEWEST} rounds or more"
        )
    slower = (Side(f"{100 * part:g}% slower", slowdown=part) for part in slowdowns)
    sides = [Side("A"), Side("A again"), *slower]
    return msgspec.structs.replace(
        suite,
        cases=tuple(msgspec.structs.replace(suite.cases[0], side=side) for side in sides),
        settings=msgspec.structs.replace(suite.settings, launches=comparisons * launches),
        compared_launches=launches,
    )
