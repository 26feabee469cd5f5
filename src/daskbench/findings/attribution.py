"""What the difference between two sides of a case consists of, by their accounts."""

from collections.abc import Iterator

from daskbench.account import CAUSES
from daskbench.document.accounts import NAMES
from daskbench.stats.accounts import CaseAccount
from daskbench.stats.ratio import Ratio
from daskbench.units import format_seconds

#: So many parts are named, and only those that are this part of the largest; the rest is a sum.
_MOST, _MATTERS = 4, 0.05
#: Accounts tell of a difference if theirs is off by no more than this part of it.
_NEAR = 0.5


def attributed(label: str, a: CaseAccount, b: CaseAccount, ratio: Ratio | None) -> str:
    """Return what the difference B - A of a case consists of, in wall time.

    Without a ratio, as between runs of few launches, it is that of their medians.
    """
    before_s, after_s = (
        one.result.summary.median_s if one.result.summary else 0.0 for one in (a, b)
    )
    more_s, ends = after_s - before_s, list[float]()
    if ratio:
        values = (ratio.value, ratio.low, ratio.high)
        more_s, *ends = ((value - 1) * before_s for value in values if value is not None)
    interval = f" [{', '.join(map(_signed, ends))}]" if ends else ""
    is_shown = bool(ends) and (min(ends) > 0 or max(ends) < 0)
    word = "slower" if more_s >= 0 else "faster"
    return (
        f"{label}: B {'is' if is_shown else 'may be'} {format_seconds(abs(more_s))} {word}"
        f"{interval}; {_told(a, b, more_s, ends)}"
    )


def _told(a: CaseAccount, b: CaseAccount, more_s: float, ends: list[float]) -> str:
    """Return the parts by accounts, whose sum is their own difference."""
    whole_s = b.whole_s / b.threads - a.whole_s / a.threads
    half_s = (max(ends) - min(ends)) / 2 if ends else 0.0
    near = abs(whole_s - more_s) <= max(half_s, _NEAR * abs(more_s))
    told = "by their accounts" if near else "their accounts do not show that difference"
    return f"{told}, {_signed(whole_s)}: {', '.join(_parts(a, b, whole_s))}"


def _parts(a: CaseAccount, b: CaseAccount, whole_s: float) -> Iterator[str]:
    """Yield the largest parts of a difference, and the sum of all others."""
    changes = {c: b.causes[c] / b.threads - a.causes[c] / a.threads for c in CAUSES}
    largest = sorted(CAUSES, key=lambda cause: -abs(changes[cause]))[:_MOST]
    least = _MATTERS * abs(changes[largest[0]])
    named = [cause for cause in largest if abs(changes[cause]) > least]
    yield from (f"{_signed(changes[cause])} {NAMES[cause]}" for cause in named)
    rest_s = whole_s - sum(changes[cause] for cause in named)
    if not named or abs(rest_s) > least:
        yield f"{_signed(rest_s)} {'others' if named else 'unexplained'}"


def _signed(seconds: float) -> str:
    return f"{'-' if seconds < 0 else '+'}{format_seconds(abs(seconds))}"
