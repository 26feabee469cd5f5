"""How much longer it would take to decide what is open."""

from collections.abc import Collection, Sequence

from daskbench.document import Said
from daskbench.journal.run import Run
from daskbench.launches import are_compared
from daskbench.model import Settings
from daskbench.units import counted, format_seconds

UNDECIDED = "undecided; about so much more would decide"


def still_open(known: Sequence[tuple[str, str]], others: int, table: str = "") -> Said:
    """Return which rows are open, by label, and what would decide them; `others` are counted.

    The name of the `table` is said once, if there are several.
    """
    first, so_much = known[0]
    before, after = (f"{table}: ", f" ({table})") if table else ("", "")
    also = f" and {counted(others, 'more row')}" if others else ""
    each = ", ".join(f"{label} ({told})" for label, told in known)
    return Said(
        f"{before}{UNDECIDED}: {each}",
        f"undecided: {first}{after} ({so_much}){also}; measure longer",
    )


def more(run: Run, cases: Collection[int], settings: Settings, units: int | None) -> str | None:
    """Return ``4 more rounds, 2 s``, or launches where they are compared; None without a forecast.

    A round, or a launch, is one of all these cases.
    """
    if not units:
        return None
    per_round_s = sum(float(run.samples[number]["watched_s"].mean()) for number in cases)
    if not are_compared(settings):
        return f"{counted(units, 'more round')}, {format_seconds(units * per_round_s)}"
    start_s = sum(run.lanes[number].startup_s for number in cases)
    launch_s = start_s + (settings.rounds + settings.warmup) * per_round_s
    return f"{counted(units, 'more launch', 'more launches')}, {format_seconds(units * launch_s)}"
