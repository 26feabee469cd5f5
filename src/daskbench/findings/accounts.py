"""What accounts say: the largest avoidable cause of each row, what to change, and what that did."""

from collections.abc import Iterator, Sequence

from daskbench.account import CAUSES, Accounted, Cause
from daskbench.document.accounts import NAMES
from daskbench.document.writers import digits, percent, ratio_text, whole_percent
from daskbench.findings.advice import advice_on, measured_with
from daskbench.findings.seen import seen
from daskbench.journal.run import Run
from daskbench.stats.accounts import CaseAccount
from daskbench.stats.results import Result
from daskbench.stats.tables import is_numpy
from daskbench.units import counted

#: A cause below this part of the whole is not worth a word, one below the other no advice.
_WORTH, _MATTERS = 0.02, 0.05
#: Instruments that make samples longer by this are told.
_DISTURBS = 0.10


def lines_of(accounts: Sequence[CaseAccount], others: Sequence[CaseAccount]) -> list[str]:
    """Return a sentence for each row of a table, and one on the instruments.

    `others` are the accounts of the whole run.
    """
    rows = [_sentence(one, accounts, others) for one in accounts]
    return [*rows, *_instruments(accounts), *_notes(accounts)]


def missing(run: Run, results: Sequence[Result]) -> Iterator[str]:
    """Yield why rows have no account, or one of fewer samples, in a run that asks for accounts."""
    for row in results:
        if not row.suite.settings.why or row.status != "ok":
            continue
        taken = run.accounts.get(row.number, [])
        valid = sum(one.valid for one in taken)
        if not valid:
            yield f"{row.label}: no account, as {_why_missing(run, row.number, taken)}"
        elif failed := run.unaccounted.get(row.number):
            yield f"{row.label}: its account is of {counted(valid, 'sample')}: {failed.reason}"


def _why_missing(run: Run, number: int, taken: Sequence[Accounted]) -> str:
    if failed := run.unaccounted.get(number):
        return f"it failed: {failed.reason}"
    if why := next((one.reason for one in taken if one.reason), None):
        return f"it was invalid: {why}"
    return "the run ended before"


def _sentence(one: CaseAccount, table: Sequence[CaseAccount], others: Sequence[CaseAccount]) -> str:
    if not one.tasks and one.result.proof.tasks_run:
        return f"{one.label}: its tasks ran where no instrument sees them"
    parts = sorted(CAUSES, key=one.causes.__getitem__, reverse=True)
    told = [_share(one, cause) for cause in parts if one.share(cause) >= _WORTH]
    rest = one.unexplained_s / one.whole_s if one.whole_s else 0.0
    text = f"{one.label}: {', '.join(told)}; unexplained {whole_percent(rest)}"
    if one.share(one.avoidable) < _MATTERS or is_numpy(one.result.case):
        return text
    return f"{text}. {_avoid(one, one.avoidable, table, others)}"


def _share(one: CaseAccount, cause: Cause) -> str:
    """Return a cause with its part of the whole."""
    text = f"{NAMES[cause]} {whole_percent(one.share(cause))}"
    if cause != "waiting" or one.gil_s is None:
        return text
    return f"{text} (for the GIL at most {whole_percent(one.gil_s / one.whole_s)})"


def _avoid(
    one: CaseAccount,
    cause: Cause,
    table: Sequence[CaseAccount],
    others: Sequence[CaseAccount],
) -> str:
    """Return what to change, and what was seen where it was changed."""
    measured = measured_with(one, cause)
    amount = f"{digits(one.causes[cause])} core-s of {NAMES[cause]}"
    text = f"Avoidable: {amount}{f' ({measured})' if measured else ''}; {advice_on(one, cause)}"
    change = seen(one, cause, table, others)
    return f"{text}. {change}" if change else text


def _instruments(accounts: Sequence[CaseAccount]) -> Iterator[str]:
    """Yield what instruments cost, and where they cost so much that the account is of less use."""
    known_ratios = [one for one in accounts if one.slower]
    if not known_ratios:
        return
    samples = counted(max(len(one.accounts) for one in accounts), "sample")
    ratios = [one.slower.value for one in known_ratios if one.slower]
    told = f"{digits(min(ratios))} to {digits(max(ratios))}" if len(ratios) > 1 else digits(*ratios)
    yield f"With instruments on, each row's {samples} took {told} times as long as without."
    for one in known_ratios:
        slower = one.slower
        if slower and slower.value > 1 + _DISTURBS and (slower.low or 0.0) > 1:
            yield (
                f"{one.label}: instruments made it {ratio_text(slower)} times as long, more "
                f"than {percent(_DISTURBS)}: the account is of that slower run"
            )


def _notes(accounts: Sequence[CaseAccount]) -> Iterator[str]:
    yield from (f"{one.label}: {note}" for one in accounts for note in one.notes)
