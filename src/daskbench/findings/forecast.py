"""How much longer it would take to decide what is open."""

from collections.abc import Collection, Sequence

from daskbench.document import Said
from daskbench.journal.run import Run
from daskbench.launches import are_compared
from daskbench.model import Suite
from daskbench.units import counted, format_seconds

UNDECIDED = "undecided; about this much more would decide"


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


def more(run: Run, cases: Collection[int], suite: Suite, units: int | None) -> str | None:
    """Return ``4 more rounds, 2 s``, or launches where they are compared; None without a forecast.

    A round, or a launch, is one of all these cases. In turns, lanes start anew in each round.
    """
    if not units:
        return None
    settings = suite.settings
    sample_s = sum(float(run.samples[number]["watched_s"].mean()) for number in cases)
    if not are_compared(settings):
        round_s = sample_s + (_start_s(run, cases, sample_s, suite) if suite.in_turns else 0.0)
        return f"{counted(units, 'more round')}, {format_seconds(units * round_s)}"
    launch_s = _start_s(run, cases, sample_s, suite) + settings.rounds * sample_s
    return f"{counted(units, 'more launch', 'more launches')}, {format_seconds(units * launch_s)}"


def _start_s(run: Run, cases: Collection[int], sample_s: float, suite: Suite) -> float:
    """Return how long lanes take to start and to warm up, their time in a queue included."""
    lanes = [run.lanes[number] for number in cases]
    starts_s = sum(lane.startup_s + (lane.queued_s or 0.0) for lane in lanes)
    return starts_s + suite.settings.warmup * sample_s
