"""The gate: its options, what it judges, and the exit code."""

import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import click

from daskbench.document.writers import percent
from daskbench.errors import DaskbenchError, ExitCode, UsageError
from daskbench.experiments.ab.findings import outcome
from daskbench.experiments.ab.rows import Comparisons, compare_runs, compare_sides
from daskbench.journal.run import Run
from daskbench.stats.verdict import MARGIN, GateOutcome

_EXAMPLES = "write slower:5% or slower:0.05"


_CODES = {
    GateOutcome.OK: ExitCode.OK,
    GateOutcome.REGRESSION: ExitCode.REGRESSION,
    GateOutcome.FAILED: ExitCode.CASE_FAILED,
    GateOutcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True)
class Gate:
    """How runs are compared, and what passes; without a `limit` everything does.

    `against` is the run to compare a new one with, None if that has two sides itself.
    """

    margin: float = MARGIN
    limit: float | None = None
    inconclusive_ok: bool = False
    against: Run | None = None

    def compare(self, run: Run) -> Comparisons | None:
        """Compare a new run with `against`, or its own two sides."""
        if self.against:
            return compare_runs(self.against, run, self.margin, self.limit)
        return compare_sides(run, self.margin, self.limit)


def judge(compared: Comparisons, gate: Gate) -> ExitCode:
    """Return the exit code of a comparison, given a gate.

    A proved regression takes precedence, then a failed case, then an inconclusive result.
    """
    found = outcome(compared)
    if found is GateOutcome.INCONCLUSIVE and gate.inconclusive_ok:
        return ExitCode.OK
    return _CODES[found] if found else ExitCode.OK


def parse_percent(text: str) -> float:
    """Turn ``5%`` or ``0.05`` into a fraction above zero; above 1 only with the percent sign."""
    number, sign = text.strip().removesuffix("%"), text.strip().endswith("%")
    with suppress(ValueError):
        part = float(number) / (100 if sign else 1)
        if 0 < part <= (10 if sign else 1):
            return part
    raise UsageError(f"'{text}' is not a percentage above zero; write 5% or 0.05")


def parse_limit(text: str) -> float:
    """Turn ``slower:5%`` or ``slower:0.05`` into the fraction by which B may be slower."""
    word, colon, part = text.strip().partition(":")
    if word.strip() != "slower" or not colon:
        raise UsageError(f"'{text}' is no gate; {_EXAMPLES}")
    try:
        return parse_percent(part)
    except UsageError as error:
        raise UsageError(f"'{text}' is no gate; {_EXAMPLES}") from error


class _Type(click.ParamType[float, float]):
    """A value parsed by one of these functions."""

    def __init__(self, read: Callable[[str], float], name: str) -> None:
        self.read, self.name = read, name

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read the text; a UsageError becomes Click's own."""
        try:
            return value if isinstance(value, float) else self.read(str(value))
        except DaskbenchError as error:
            self.fail(str(error), param, ctx)


def make_gate(margin: float | None, limit: float | None, inconclusive_ok: bool) -> Gate:
    """Build a gate from the options; raises UsageError if they contradict each other."""
    if inconclusive_ok and limit is None:
        raise UsageError("--inconclusive-ok needs a gate; add --fail-if slower:5%")
    if margin is None:
        margin = MARGIN if limit is None else min(MARGIN, limit)
    if limit is not None and margin > limit:
        raise UsageError(
            f"--margin {percent(margin)} is above --fail-if slower:{percent(limit)}, so one result "
            "could be both equivalent and a regression; use a margin up to that"
        )
    return Gate(margin, limit, inconclusive_ok)


def gate_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--margin``, ``--fail-if`` and ``--inconclusive-ok``, handed over as ``gate``."""

    @functools.wraps(function)
    def with_gate(
        *args: Any, margin: float | None, fail_if: float | None, inconclusive_ok: bool, **rest: Any
    ) -> Any:
        return function(*args, gate=make_gate(margin, fail_if, inconclusive_ok), **rest)

    for option in (
        click.option(
            "--inconclusive-ok",
            is_flag=True,
            help="With --fail-if: exit with 0, not 4, if the result is inconclusive.",
        ),
        click.option(
            "--fail-if",
            type=_Type(parse_limit, "gate"),
            metavar="slower:PERCENT",
            help="Exit with 3 if B is proved to be slower than A by more than this, and with 4 if "
            "the result is inconclusive.",
        ),
        click.option(
            "--margin",
            type=_Type(parse_percent, "percent"),
            metavar="PERCENT",
            help="Call A and B equivalent if they are proved to differ by less than this. "
            f"[{percent(MARGIN).replace(' ', '')}, or the --fail-if limit if smaller]",
        ),
    ):
        with_gate = option(with_gate)
    return with_gate
