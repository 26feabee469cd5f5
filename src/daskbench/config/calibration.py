"""Values to a suite that measures the same again and again, and slowed down by a known part."""

from typing import Any

import msgspec

from daskbench.config.suites import Values, make_suite
from daskbench.errors import UsageError
from daskbench.model import Side, Suite

#: A verdict is to be had within half a minute, where a sample takes some 40 ms.
VERDICT_LAUNCHES, VERDICT_ROUNDS = 5, 15
_COMPARISONS, _SLOWDOWNS = 20, (0.05,)


def make_calibration(name: str, benchmark: str, values: Values, cores: int) -> Suite:
    """Return the suite of one case, the same again, and slower by each of the slow-downs.

    Raises UsageError where the values are of more than one case, or contradict each other.
    """
    chosen: dict[str, Any] = {"schedulers": ("threads",), "workers": (cores,), **values}
    slowdowns = chosen.pop("slowdown", _SLOWDOWNS)
    comparisons = chosen.pop("comparisons", _COMPARISONS)
    launches = chosen.pop("launches", VERDICT_LAUNCHES)
    chosen |= {"hardware": False, "rounds": chosen.get("rounds", VERDICT_ROUNDS)}
    suite = make_suite(name, benchmark, chosen, lambda: cores)
    if len(suite.cases) > 1:
        raise UsageError(
            f"a calibration is of one case, and these are {len(suite.cases)}: "
            f"{suite.cases[0]}, {suite.cases[1]}...; name one value of each"
        )
    sides = [Side("A"), Side("A again"), *(Side("slower", slowdown=part) for part in slowdowns)]
    return msgspec.structs.replace(
        suite,
        cases=tuple(msgspec.structs.replace(suite.cases[0], side=side) for side in sides),
        settings=msgspec.structs.replace(suite.settings, launches=comparisons * launches),
        compared_launches=launches,
    )
