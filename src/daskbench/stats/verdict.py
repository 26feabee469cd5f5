"""Verdicts on ratios: faster, slower, equivalent or inconclusive, corrected for multiplicity."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import log1p

from daskbench.stats.estimate import Estimate

#: Family-wise error rate of the verdicts faster and slower, per table.
DIFFERENCE = 0.01
#: Family-wise error rate of equivalent, and of passing a gate.
EQUIVALENCE = 0.05
#: The default margin of equivalence, as a fraction.
MARGIN = 0.02


class Verdict(StrEnum):
    """The verdict on a time, compared with another. Inconclusive does not mean equal."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


def verdicts(logs: Sequence[Estimate | None], margin: float = MARGIN) -> list[Verdict]:
    """Return the verdict on each of a table's log-ratios; None is one without an estimate.

    Equivalent means that the ratio is proved to be between 1 / (1 + margin) and 1 + margin, by two
    one-sided tests, and goes before the others: a difference that is proved to be within the margin
    is none. That many comparisons stand in one table is corrected for. Sources: Schuirmann (1987),
    "A comparison of the two one-sided tests procedure", J. Pharmacokinetics and Biopharmaceutics
    15; Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6.
    """
    edge = log1p(margin)
    same = _holm([_p(e, lambda e: max(e.p_above(-edge), e.p_below(edge))) for e in logs])
    apart = _holm([_p(e, lambda e: 2 * min(e.p_above(0), e.p_below(0))) for e in logs])
    return [
        _verdict(estimate, equal < EQUIVALENCE, differs < DIFFERENCE)
        for estimate, equal, differs in zip(logs, same, apart, strict=True)
    ]


def _verdict(estimate: Estimate | None, equivalent: bool, differs: bool) -> Verdict:
    if equivalent:
        return Verdict.EQUIVALENT
    if estimate is None or not differs:
        return Verdict.INCONCLUSIVE
    return Verdict.SLOWER if estimate.value > 0 else Verdict.FASTER


def least_slower(estimate: Estimate, edge: float) -> float:
    """Return the least logarithm of a ratio that, with this error, is called slower by itself.

    `edge` is that of the margin: what is proved to be inside is equivalent.
    """
    differs = estimate.quantile(1 - DIFFERENCE / 2) * estimate.standard_error
    outside = edge - estimate.quantile(1 - EQUIVALENCE) * estimate.standard_error
    return max(differs, outside)


class GateOutcome(StrEnum):
    """The outcome of a gate for a comparison."""

    OK = "ok"
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"  # of a table: there was nothing to judge


def gate(logs: Sequence[Estimate | None], limit: float) -> list[GateOutcome]:
    """Judge each of a table's log-ratios by a gate that passes up to 1 + `limit` times the time.

    A regression is proved to be slower than that, and ok is proved not to be.
    """
    edge = log1p(limit)
    beyond = _holm([_p(e, lambda e: e.p_above(edge)) for e in logs])
    within = _holm([_p(e, lambda e: e.p_below(edge)) for e in logs])
    return [
        GateOutcome.REGRESSION
        if worse < DIFFERENCE
        else (GateOutcome.OK if fine < EQUIVALENCE else GateOutcome.INCONCLUSIVE)
        for worse, fine in zip(beyond, within, strict=True)
    ]


def _p(estimate: Estimate | None, test: Callable[[Estimate], float]) -> float:
    return 1.0 if estimate is None else min(test(estimate), 1.0)


def _holm(chances: Iterable[float]) -> list[float]:
    """Return p-values adjusted by Holm's method."""
    found = list(chances)
    corrected, least = [0.0] * len(found), 0.0
    for rank, place in enumerate(sorted(range(len(found)), key=found.__getitem__)):
        least = max(least, min(1.0, (len(found) - rank) * found[place]))
        corrected[place] = least
    return corrected
