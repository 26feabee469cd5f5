"""How often 95 % intervals of a ratio hold the truth, by simulation: which of them stays honest.

The rounds' log-ratios are made up, with a true ratio of 1, in ways in which real machines trouble a
measurement. Student's t is what the tool has; the others are what may replace it.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

Rounds = npt.NDArray[np.float64]  # of shape (trials, rounds)
Interval = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

TRIALS, BAR = 4000, 0.93
NOISE = 0.05
RANDOM = np.random.default_rng(1)


def independent(rounds: int) -> Rounds:
    """Return noise alone."""
    return NOISE * (noise(rounds) - noise(rounds))


def drift(rounds: int) -> Rounds:
    """Let the machine drift by 20 %, of which 3 % don't cancel."""
    turns = np.linspace(0, 1, rounds) + RANDOM.random((TRIALS, 1))
    return independent(rounds) + 0.03 * np.sin(2 * np.pi * turns)


def autocorrelated(rounds: int) -> Rounds:
    """Let each round be like the one before: AR(1) with 0.4."""
    found = noise(rounds + 50) - noise(rounds + 50)
    for i in range(1, found.shape[1]):
        found[:, i] = 0.4 * found[:, i - 1] + np.sqrt(1 - 0.4**2) * found[:, i]
    return NOISE * found[:, 50:]


def bursts(rounds: int) -> Rounds:
    """Let something else run for four rounds now and then, beside one side or the other."""
    found = NOISE * noise(rounds)
    for side in (1, -1):
        begins = RANDOM.random((TRIALS, rounds)) < 0.05
        busy = begins.copy()
        for later in range(1, 4):
            busy[:, later:] |= begins[:, :-later]
        found += side * busy * 0.3 * RANDOM.random((TRIALS, rounds))
    return found


def heavy_tails(rounds: int) -> Rounds:
    """Let some rounds be far off: Student's t with 2 degrees of freedom."""
    size = (TRIALS, rounds)
    return NOISE * (RANDOM.standard_t(2, size) - RANDOM.standard_t(2, size))


def two_modes(rounds: int) -> Rounds:
    """Let either side be 25 % slower in three rounds of ten."""
    modes = (RANDOM.random((2, TRIALS, rounds)) < 0.3) * 0.25
    return np.asarray(modes[0] - modes[1] + 0.02 * noise(rounds))


def noise(rounds: int) -> Rounds:
    """Return standard normal numbers."""
    return RANDOM.standard_normal((TRIALS, rounds))


def student(logs: Rounds) -> Interval:
    """Return Student's t interval of the mean, as if rounds were independent."""
    rounds = logs.shape[1]
    half = stats.t.ppf(0.975, rounds - 1) * logs.std(axis=1, ddof=1) / np.sqrt(rounds)
    return logs.mean(axis=1) - half, logs.mean(axis=1) + half


def cosines(logs: Rounds) -> Interval:
    """Return the interval of the mean by the equal-weighted cosine variance.

    Source: Lazarus, Lewis, Stock & Watson (2018), "HAR inference: recommendations for practice",
    Journal of Business & Economic Statistics 36(4).
    """
    return around(logs.mean(axis=1), logs)


def huber(logs: Rounds) -> Interval:
    """Return the same around Huber's location, from its influence values.

    Source: Huber & Ronchetti (2009), "Robust statistics", 2nd edition, sections 3.2 and 6.
    """
    bend = 1.345
    middle = np.median(logs, axis=1, keepdims=True)
    scale = 1.4826 * np.median(np.abs(logs - middle), axis=1, keepdims=True) + 1e-12
    for _ in range(30):
        weights = np.minimum(1, bend / np.maximum(np.abs(logs - middle) / scale, 1e-12))
        middle = (weights * logs).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
    far = (logs - middle) / scale
    inside = np.maximum((np.abs(far) <= bend).mean(axis=1, keepdims=True), 0.1)
    return around(middle[:, 0], scale * np.clip(far, -bend, bend) / inside)


def around(middle: npt.NDArray[np.float64], influence: Rounds) -> Interval:
    """Return an interval from low frequencies: what changes slowly widens it."""
    rounds = influence.shape[1]
    count = max(int(0.4 * rounds ** (2 / 3)), 1)
    waves = np.arange(1, count + 1)[:, None] * (np.arange(rounds) + 0.5) / rounds
    found = influence @ (np.sqrt(2) * np.cos(np.pi * waves)).T / np.sqrt(rounds)
    half = stats.t.ppf(0.975, count) * np.sqrt((found**2).mean(axis=1) / rounds)
    return middle - half, middle + half


TROUBLES = (independent, drift, autocorrelated, bursts, heavy_tails, two_modes)
METHODS: tuple[Callable[[Rounds], Interval], ...] = (student, cosines, huber)


def main() -> None:
    """Print how often each holds the truth, and how wide it is in the median."""
    for rounds in (7, 15, 30, 100):
        for trouble in TROUBLES:
            logs, told = trouble(rounds), []
            for method in METHODS:
                low, high = method(logs)
                held, width = ((low <= 0) & (high >= 0)).mean(), np.median(high - low)
                told.append(f"{method.__name__} {held:.1%} of {width:.1%}")
            print(f"{rounds} rounds, {trouble.__name__}: {', '.join(told)}; bar {BAR:.0%}")


if __name__ == "__main__":
    main()
