"""How often 95 % intervals of a ratio hold the truth: the tool's own beside those that were tried.

The rounds' log-ratios are made up, with a true ratio of 1, in ways in which real machines trouble a
measurement. `intervals.py JOURNAL...` takes them from real runs instead, such as `twice.py` makes:
windows of rounds, of which each interval should hold the ratio of the whole, or 1 where both sides
are the same. Exit code 1 where an interval of the tool's own holds the truth less often than 93 %.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from daskbench.conductor.precise import Precise
from daskbench.events import Sample
from daskbench.journal.read import read_run
from daskbench.model import VERDICT, Case, Settings, Suite
from daskbench.stats.estimate import huber
from daskbench.stats.mixture import ALPHA
from daskbench.stats.ratio import Ratio, log_ratios, paired_ratio, ratios_of_logs
from daskbench.stats.tables import baseline_of, tables_of
from daskbench.stats.verdict import Verdict, verdict_of
from tried import METHODS, Floats, extremes, middle

TRIALS, BAR, NOISE = 2000, 0.93, 0.05
ROUNDS = (7, 15, 30, 100)
LUCK, OF_LAUNCH = 0.05, VERDICT.rounds
STOPPED, PRECISION = 300, 0.05
RANDOM = np.random.default_rng(1)


def noise(rounds: int) -> Floats:
    """Return standard normal numbers."""
    return RANDOM.standard_normal((TRIALS, rounds))


def independent(rounds: int) -> Floats:
    """Return noise of both sides alone."""
    return NOISE * (noise(rounds) - noise(rounds))


def drift(rounds: int) -> Floats:
    """Let 3 % of a slow drift not cancel."""
    turns = np.linspace(0, 1, rounds) + RANDOM.random((TRIALS, 1))
    return independent(rounds) + 0.03 * np.sin(2 * np.pi * turns)


def autocorrelated(rounds: int) -> Floats:
    """Let each round be like the one before: AR(1) with 0.4."""
    found = noise(rounds + 50) - noise(rounds + 50)
    for i in range(1, found.shape[1]):
        found[:, i] = 0.4 * found[:, i - 1] + np.sqrt(1 - 0.4**2) * found[:, i]
    return NOISE * found[:, 50:]


def bursts(rounds: int) -> Floats:
    """Let something else run for four rounds now and then, beside one side or the other."""
    found = NOISE * noise(rounds)
    for side in (1, -1):
        begins = RANDOM.random((TRIALS, rounds)) < 0.05
        busy = begins.copy()
        for later in range(1, 4):
            busy[:, later:] |= begins[:, :-later]
        found += side * busy * 0.3 * RANDOM.random((TRIALS, rounds))
    return found


def heavy_tails(rounds: int) -> Floats:
    """Let some rounds be far off: Student's t with 2 degrees of freedom."""
    size = (TRIALS, rounds)
    return NOISE * (RANDOM.standard_t(2, size) - RANDOM.standard_t(2, size))


def two_modes(rounds: int) -> Floats:
    """Let either side be 25 % slower in three rounds of ten."""
    modes = (RANDOM.random((2, TRIALS, rounds)) < 0.3) * 0.25
    return np.asarray(modes[0] - modes[1] + 0.02 * noise(rounds))


TROUBLES = (independent, drift, autocorrelated, bursts, heavy_tails, two_modes)


def holds(logs: Floats, truth: float = 0.0) -> tuple[list[str], float]:
    """Return for each method how often it holds the truth and how wide it is; then the tool's."""
    told, worst = [], 1.0
    for method in METHODS:
        if method is extremes and logs.shape[1] > ROUNDS[0]:
            continue
        low, high = method(logs)
        held = ((low <= truth) & (truth <= high)).mean()
        worst = min(worst, held) if method is middle else worst
        told.append(f"{method.__name__} {held:.1%} of {np.median(high - low):.1%}")
    return told, worst


def alarms(logs: Floats) -> float:
    """Return how often the tool would say that there is a difference."""
    found = [verdict_of(ratios_of_logs([[row]])[0]) for row in logs]
    return float(np.mean([verdict in (Verdict.FASTER, Verdict.SLOWER) for verdict in found]))


def simulated() -> Iterator[float]:
    """Print a line for each trouble and number of rounds; yield how often the tool was right."""
    for rounds in ROUNDS:
        for trouble in TROUBLES:
            logs = trouble(rounds)
            told, worst = holds(logs)
            false = f"false alarms {alarms(logs):.1%} (at most {ALPHA:.0%})"
            name = trouble.__name__.replace("_", " ")
            print(f"{rounds} rounds, {name}: {', '.join(told)}; bar {BAR:.0%}; {false}")
            yield worst


def launches() -> Iterator[float]:
    """Let each launch have luck of its own: a few launches, and as many as a verdict has."""
    for count in (5, VERDICT.launches):
        yield _launches(count)


def holds_one(ratio: Ratio) -> bool:
    """Return whether an interval holds 1, which is the truth."""
    assert ratio.low is not None
    assert ratio.high is not None
    return ratio.low <= 1 <= ratio.high


def _launches(count: int) -> float:
    """Return how often the truth is held across launches; all rounds as one are printed too."""
    pooled = across = 0
    for _ in range(TRIALS):
        luck = LUCK * RANDOM.standard_normal((count, 1))
        logs = luck + NOISE * RANDOM.standard_normal((count, OF_LAUNCH))
        (one,), (many,) = ratios_of_logs([[logs.ravel()]]), ratios_of_logs([[*logs]])
        assert one
        assert many
        pooled += holds_one(one)
        across += holds_one(many)
    print(
        f"{count} launches × {OF_LAUNCH} rounds, each launch with luck of its own: across "
        f"launches {across / TRIALS:.1%}, as one series {pooled / TRIALS:.1%}; bar {BAR:.0%}"
    )
    return across / TRIALS


def stopped() -> Iterator[float]:
    """Stop where --precision would, and look at the interval at which it did."""
    for trouble in (independent, autocorrelated):
        sides, held, rounds = (trouble(1000), trouble(1000)), 0, []
        for trial in range(STOPPED):
            low, high, count = stopped_at(np.exp(sides[0][trial]), np.exp(sides[1][trial]))
            held += low <= 1 <= high
            rounds.append(count)
        print(
            f"stopped at a precision of {PRECISION:.0%}, {trouble.__name__}, after "
            f"{np.median(rounds):.0f} rounds: middle {held / STOPPED:.1%}; bar {BAR:.0%}"
        )
        yield held / STOPPED


def stopped_at(one: Floats, two: Floats) -> tuple[float, float, int]:
    """Return the interval at which it was precise enough, and after how many rounds."""
    cases = Case("made-up", "numpy", {}), Case("made-up", "threads", {})
    settings = Settings(precision=PRECISION)
    precise, number = Precise(Suite("stopped", cases, settings), dict(enumerate(cases)), {}), 0
    while number < settings.samples or precise.wanted(number + 1, {0, 1}):
        for case, seconds in enumerate((one, two)):
            precise.take(Sample(case, number + 1, float(seconds[number]), 1, 1, valid=True))
        number += 1
    ratio = paired_ratio(precise.samples[1], precise.samples[0], settings)
    assert ratio
    assert ratio.low is not None
    assert ratio.high is not None
    return ratio.low, ratio.high, number


def real(paths: list[Path]) -> None:
    """Print how often intervals from windows of a run hold what all of it says, or 1."""
    for path in paths:
        for name, logs, truth in series(path):
            middle, _ = huber(logs)
            near = np.corrcoef(logs[:-1], logs[1:])[0, 1]
            print(f"{name}: {len(logs)} rounds, lag-1 autocorrelation {near:.2f}")
            for rounds in ROUNDS:
                windows = np.lib.stride_tricks.sliding_window_view(logs, rounds)
                found = np.ascontiguousarray(windows[:: max(rounds // 4, 1)])
                if len(logs) >= 10 * rounds:
                    told, _ = holds(found, middle if truth is None else truth)
                    false = "" if truth is None else f"; false alarms {alarms(found):.1%}"
                    print(f"  {rounds} rounds: {', '.join(told)}{false}")


def series(path: Path) -> Iterator[tuple[str, Floats, float | None]]:
    """Yield the log-ratios of a run: of the same cases, whose truth is 0, and of others."""
    run = read_run(path)
    for table in tables_of(run.cases):
        base = baseline_of(table)
        for place, (number, suite, case) in enumerate(table):
            same = [n for n, _, other in table[:place] if other == case]
            against = same[0] if same else base
            if number == against or case.reference:
                continue
            logs, _ = log_ratios(run.samples[number], run.samples[against], suite.settings)
            name = f"{case.place} beside {'the same' if same else run.cases[against][2].place}"
            if len(logs) >= 10 * ROUNDS[0]:
                yield name, logs, 0.0 if same else None


PARTS: tuple[Callable[[], Iterator[float]], ...] = (simulated, launches, stopped)


def main() -> None:
    """Simulate, or look at real runs; exit 1 where the tool's own intervals miss the bar."""
    if journals := sys.argv[1:]:
        real([Path(name) for name in journals])
    elif min(held for part in PARTS for held in part()) < BAR:
        sys.exit(f"an interval of the tool's own holds the truth in fewer than {BAR:.0%}")


if __name__ == "__main__":
    main()
