"""What accounts say: the largest avoidable cause of each row, what to change, and what that did."""

from collections.abc import Iterator, Mapping, Sequence

from daskbench.account import CAUSES, Accounted, Cause
from daskbench.document.accounts import NAMES
from daskbench.document.writers import digits, percent, ratio_text, whole_percent
from daskbench.findings.seen import seen
from daskbench.journal.run import Run
from daskbench.stats.accounts import CaseAccount
from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result
from daskbench.stats.tables import is_numpy
from daskbench.units import counted, format_bytes, format_seconds

#: A cause below this part of the whole is not worth a word, one below the other no advice.
_WORTH, _MATTERS = 0.02, 0.05
#: Instruments that make samples longer by this are told.
_DISTURBS = 0.10
#: So many causes are named of a difference.
_MOST_CAUSES = 4
_ADVICE: Mapping[Cause, str] = {
    "waiting": "tasks wait for a lock, the GIL or I/O: use functions that need no lock, or "
    "processes",
    "cores": "there are more threads that want to run than cores: use fewer workers or BLAS "
    "threads, or a quieter machine",
    "starting": "start the pool or cluster once, for several computes",
    "graph": "build fewer, larger tasks, or build the graph once",
    "submitting": "send a smaller graph: fewer tasks, and no data within it",
    "scheduling": "use fewer, larger tasks",
    "moving": "keep data where they are, return less, or use threads, which share memory",
    "disk": "give workers more memory, or use smaller chunks",
    "gathering": "return less: reduce the result on the workers, or persist it there",
    "imbalance": "use more, smaller tasks, so that the last ones end together",
    "critical": "more workers do not help: use fewer, or a graph with more tasks side by side",
}

_GIL = "tasks wait for the GIL: use functions that release it, or processes"
_NO_GIL = "tasks wait for a lock or I/O, not for the GIL: use functions that need no lock"
_THROTTLED = "a control group limits CPU time: raise its quota, or use fewer workers"
#: Waiting is for the GIL if this part of it is.
_MOSTLY = 0.5


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
    if not one.tasks:
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


def _advice(one: CaseAccount, cause: Cause) -> str:
    """Return what to change, by what else is known of the cause."""
    if cause == "cores" and one.throttled_s:
        return _THROTTLED
    if cause == "waiting" and one.gil_s is not None:
        return _GIL if one.gil_s > _MOSTLY * one.causes[cause] else _NO_GIL
    return _ADVICE[cause]


def _avoid(
    one: CaseAccount,
    cause: Cause,
    table: Sequence[CaseAccount],
    others: Sequence[CaseAccount],
) -> str:
    """Return what to change, and what was seen where it was changed."""
    advice = f"Avoidable: {digits(one.causes[cause])} core-s of {NAMES[cause]}"
    if cause == "moving" and one.moved_bytes:
        advice += f" ({format_bytes(one.moved_bytes)})"
    if cause == "disk" and one.spilled_bytes:
        advice += f" ({format_bytes(one.spilled_bytes)} spilled)"
    if cause == "critical":
        advice += f" (the longest chain of tasks takes {format_seconds(one.critical_path_s)})"
    if cause == "cores" and one.throttled_s:
        advice += f" (throttled for {format_seconds(one.throttled_s)})"
    text = f"{advice}; {_advice(one, cause)}"
    change = seen(one, cause, table, others)
    return f"{text}. {change}" if change else text


def attributed(label: str, a: CaseAccount, b: CaseAccount, ratio: Ratio) -> str:
    """Return what the difference B - A of a case consists of, in wall time."""
    before_s = a.result.summary.median_s if a.result.summary else 0.0
    values = (ratio.value, ratio.low, ratio.high)
    more_s, *ends = ((value - 1) * before_s for value in values if value is not None)
    word = "slower" if more_s >= 0 else "faster"
    interval = f" [{', '.join(map(_signed, ends))}]" if ends else ""
    changes = {c: b.causes[c] / b.threads - a.causes[c] / a.threads for c in CAUSES}
    largest = sorted(CAUSES, key=lambda cause: -abs(changes[cause]))[:_MOST_CAUSES]
    least = _MATTERS * abs(changes[largest[0]])
    told = [f"{_signed(changes[c])} {NAMES[c]}" for c in largest if abs(changes[c]) > least]
    return (
        f"{label}: B is {format_seconds(abs(more_s))} {word}{interval}; by their accounts: "
        f"{', '.join(told) or 'no cause differs'}"
    )


def _signed(seconds: float) -> str:
    return f"{'-' if seconds < 0 else '+'}{format_seconds(abs(seconds))}"


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
