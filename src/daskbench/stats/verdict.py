"""What a ratio's interval says: faster, slower, equivalent, or undecided; and what a gate says."""

from enum import StrEnum

from daskbench.model import Settings
from daskbench.stats.ratio import Ratio
from daskbench.stats.sequence import MARGIN as MARGIN
from daskbench.stats.sequence import AnytimeInterval
from daskbench.stats.sequence import Verdict as Verdict


def verdict_of(ratio: Ratio | None, margin: float = MARGIN) -> Verdict:
    """Read the verdict off the interval; None is a ratio that could not be had.

    It is slower where all of the interval is above 1 + `margin`, faster where all of it is below
    1 / (1 + `margin`), and equivalent where all of it is in between. So the interval in a row and
    the word beside it never disagree.
    """
    if ratio is None or ratio.low is None or ratio.high is None:
        return Verdict.UNDECIDED
    if ratio.low > 1 + margin:
        return Verdict.SLOWER
    if ratio.high < 1 / (1 + margin):
        return Verdict.FASTER
    inside = ratio.low >= 1 / (1 + margin) and ratio.high <= 1 + margin
    return Verdict.EQUIVALENT if inside else Verdict.UNDECIDED


def is_decided(ratio: Ratio | None, settings: Settings) -> bool:
    """Whether more rounds could tell nothing that is asked: of a gate its outcome, or a verdict."""
    if settings.gate is not None:
        return gate_of(ratio, settings.gate) is not GateOutcome.INCONCLUSIVE
    return verdict_of(ratio, settings.margin) is not Verdict.UNDECIDED


def units_to_decide(interval: AnytimeInterval, settings: Settings) -> int | None:
    """Return how many more rounds, or launches, tell what is asked; None without a forecast."""
    if settings.gate is not None:
        return interval.units_to_judge(settings.gate)
    return interval.units_to_decide(settings.margin)


class GateOutcome(StrEnum):
    """The outcome of a gate for a comparison."""

    OK = "ok"
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"  # of a table: there was nothing to judge


def gate_of(ratio: Ratio | None, limit: float) -> GateOutcome:
    """Judge a ratio by a gate that lets through up to 1 + `limit` in time.

    A regression has all of its interval beyond that, and ok none of it.
    """
    if ratio is None or ratio.low is None or ratio.high is None:
        return GateOutcome.INCONCLUSIVE
    if ratio.low > 1 + limit:
        return GateOutcome.REGRESSION
    return GateOutcome.OK if ratio.high <= 1 + limit else GateOutcome.INCONCLUSIVE
