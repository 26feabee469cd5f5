"""Where the time of threads went: a bar for each case, drawn with characters, and figures."""

from collections.abc import Sequence
from typing import Any

import msgspec

from daskbench.account import CAUSES, Cause
from daskbench.document import Column, Record, Row, Section, Table
from daskbench.document.writers import digits
from daskbench.journal.run import Run
from daskbench.stats.accounts import CaseAccount

#: What each cause is called, and its character in bars. The rest is unexplained.
NAMES: dict[Cause, str] = {
    "computing": "computing",
    "waiting": "waiting in tasks",
    "cores": "core wait",
    "starting": "starting",
    "graph": "graph",
    "submitting": "submitting",
    "scheduling": "scheduling",
    "moving": "moving data",
    "disk": "disk",
    "gathering": "gathering",
    "own": "outside Dask",
    "imbalance": "imbalance",
    "critical": "critical path",
}
_GLYPHS = dict(zip(CAUSES, "█wcsgbdmkroip", strict=True))
_UNEXPLAINED = "·"
_WIDTH = 40
_COLUMNS = (
    Column[Any]("case", "where the time went", right=False),
    Column[Any]("whole_core_s", "core-s", digits),
    Column[Any]("bar", "by cause", right=False, drawn=True),
)


def section_of(accounts: Sequence[CaseAccount], lines: Sequence[str]) -> Section:
    """Return the section of the cases of a table, with what is to be said of them."""
    rows = [Row((one.label, one.whole_s, bar_of(one))) for one in accounts]
    return Section(
        f"core-seconds by cause{f': {_legend(accounts)}' if accounts else ''}",
        [Table(_COLUMNS, rows)],
        "core-s: wall time × threads, in the mean of samples with instruments on",
        lines=lines,
    )


def bar_of(account: CaseAccount, width: int = _WIDTH) -> str:
    """Return a bar of exactly `width` characters, each for as large a part of the whole."""
    parts = [(account.causes[cause], _GLYPHS[cause]) for cause in CAUSES]
    parts.append((max(account.unexplained_s, 0.0), _UNEXPLAINED))
    whole = sum(seconds for seconds, _ in parts) or 1.0
    bar, seen = "", 0.0
    for seconds, glyph in parts:  # rounding where a part ends keeps the length of the whole
        seen += seconds
        bar += glyph * (round(seen / whole * width) - len(bar))
    return bar


def _legend(accounts: Sequence[CaseAccount]) -> str:
    """Return the character of each cause that is in some bar."""
    drawn = {glyph for account in accounts for glyph in bar_of(account)}
    names = [*((_GLYPHS[cause], NAMES[cause]) for cause in CAUSES), (_UNEXPLAINED, "unexplained")]
    return ", ".join(f"{glyph} {name}" for glyph, name in names if glyph in drawn)


def row_of(account: CaseAccount) -> Record:
    """Return the figures of a case, in core-seconds and bytes of one loop."""
    slower = account.slower
    return {
        "accounts": len(account.accounts),
        "whole_core_s": account.whole_s,
        **{f"{cause}_core_s": account.causes[cause] for cause in CAUSES},
        "unexplained_core_s": account.unexplained_s,
        "system_core_s": account.system_s,
        "gil_core_s": account.gil_s,
        "beside_core_s": account.beside_s,
        "throttled_s": account.throttled_s,
        "critical_path_s": account.critical_path_s,
        "moved_between_bytes": account.moved_bytes,
        "spilled_bytes": account.spilled_bytes,
        "instruments_ratio": slower and slower.value,
        "instruments_ratio_low": slower and slower.low,
        "instruments_ratio_high": slower and slower.high,
    }


def facts_of(run: Run, number: int) -> list[Record]:
    """Return each account of a case as it was taken, valid or not."""
    return [msgspec.to_builtins(one) for one in run.accounts.get(number, ())]
