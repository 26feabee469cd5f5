"""How often 95 % intervals of a mean hold it where other work comes in one-sided bursts.

The times are those of one lane: normal noise of 5 %, and what `bursts` of `troubles.py` adds. Their
true mean is known. `means.py SERIES` takes so many series for each line. There is no bar: this is
why the tool prints no interval of a mean.
"""

import sys
from collections.abc import Callable

import numpy as np
from scipy import stats

from daskbench.stats.mixture import Floats

Ends = tuple[Floats, Floats]

SEED, COUNTS, NOMINAL, RESAMPLES, FAR = 31, (5, 10, 20, 40), 0.95, 400, 400_000
RANDOM = np.random.default_rng(SEED)


def bursts(shape: tuple[int, int], chance: float, length: int) -> Floats:
    """Return times in units of the undisturbed one, shape (series, rounds)."""
    begins = RANDOM.random((shape[0], shape[1] + length)) < chance
    busy = begins.copy()
    for later in range(1, length):
        busy[:, later:] |= begins[:, :-later]
    slow = 0.6 * busy[:, length:] * RANDOM.random(shape)
    found: Floats = np.exp(0.05 * RANDOM.standard_normal(shape) + slow)
    return found


def student(times: Floats) -> Ends:
    """Return Student's t interval."""
    half = stats.t.ppf(0.975, times.shape[1] - 1) * error(times)
    return times.mean(axis=1) - half, times.mean(axis=1) + half


def error(times: Floats) -> Floats:
    """Return the standard error of independent rounds."""
    found: Floats = times.std(axis=1, ddof=1) / times.shape[1] ** 0.5
    return np.maximum(found, 1e-12)


def batches(logs: Floats) -> Ends:
    """Return Student's t interval over the means of about sqrt(n) batches of neighbours.

    Source: Glynn & Whitt (1991), "Estimating the asymptotic variance with batch means",
    Operations Research Letters 10.
    """
    count = int(np.sqrt(logs.shape[1])) + 1
    size = logs.shape[1] // count
    return student(logs[:, : count * size].reshape(len(logs), count, size).mean(axis=2))


def johnson(times: Floats) -> Ends:
    """Return the skew-corrected t: Johnson (1978), "Modified t tests and confidence intervals"."""
    rounds, deviation = times.shape[1], times.std(axis=1, ddof=1)
    third = ((times - times.mean(axis=1)[:, None]) ** 3).mean(axis=1)
    shift = third / (6 * np.maximum(deviation, 1e-12) ** 2 * rounds)
    low, high = student(times)
    return low + shift, high + shift


def bootstrap_t(times: Floats) -> Ends:
    """Return the bootstrap-t: Efron & Tibshirani (1993), "An introduction to the bootstrap"."""
    rounds = times.shape[1]
    picks = RANDOM.integers(rounds, size=(RESAMPLES, rounds))
    means, errors = times.mean(axis=1), error(times)
    drawn = times[:, picks]
    spread = np.maximum(drawn.std(axis=2, ddof=1) / rounds**0.5, 1e-9 * errors[:, None])
    scores = (drawn.mean(axis=2) - means[:, None]) / spread
    low, high = np.quantile(scores, [0.025, 0.975], axis=1)
    return means - high * errors, means - low * errors


def medians_of_means(times: Floats) -> Ends:
    """Return the least and greatest of six means of groups, whose median they hold in 97 %.

    Source: Lugosi & Mendelson (2019), "Mean estimation and regression under heavy-tailed
    distributions", Foundations of Computational Mathematics 19. Five rounds make groups of one.
    """
    groups = min(6, times.shape[1])
    size = times.shape[1] // groups
    means = times[:, : groups * size].reshape(len(times), groups, size).mean(axis=2)
    return means.min(axis=1), means.max(axis=1)


def logarithmic(times: Floats) -> Ends:
    """Return Cox's interval of a log-normal mean: Zhou & Gao (1997), Statistics in Medicine 16."""
    logs, rounds = np.log(times), times.shape[1]
    spread = logs.var(axis=1, ddof=1)
    half = stats.t.ppf(0.975, rounds - 1) * np.sqrt(spread / rounds + spread**2 / 2 / (rounds - 1))
    middle = logs.mean(axis=1) + spread / 2
    return np.exp(middle - half), np.exp(middle + half)


METHODS: dict[str, Callable[[Floats], Ends]] = {
    "Student": student,
    "Johnson": johnson,
    "bootstrap-t": bootstrap_t,
    "medians of means": medians_of_means,
    "Cox": logarithmic,
    "batches": batches,
}
TROUBLES = {"5 % begin one of 4 rounds": (0.05, 4), "1.5 %, 8 rounds": (0.015, 8)}
TROUBLES |= {"20 %, 1 round": (0.2, 1), "5 %, 1 round": (0.05, 1)}


def coverage(method: Callable[[Floats], Ends], times: Floats, truth: float) -> tuple[float, float]:
    """Return how often the mean is held, and the median width as a part of it."""
    low, high = method(times)
    held = float(((low <= truth) & (truth <= high)).mean())
    return held, float(np.median(high - low)) / truth


def main() -> None:
    """Print coverage and width, a line for each trouble and number of rounds."""
    series = int(sys.argv[1]) if sys.argv[1:] else 2000
    least = NOMINAL - 2 * (NOMINAL * (1 - NOMINAL) / series) ** 0.5
    worst = dict.fromkeys(METHODS, 1.0)
    print(f"{series} series, seed {SEED}: coverage of 95 % intervals of the mean, median width")
    for name, (chance, length) in TROUBLES.items():
        truth = float(bursts((1000, FAR // 1000), chance, length).mean())
        for rounds in COUNTS:
            times, told = bursts((series, rounds), chance, length), []
            for method, call in METHODS.items():
                held, width = coverage(call, times, truth)
                worst[method] = min(worst[method], held)
                told.append(f"{method} {held:.1%} of {width:.0%}")
            print(f"{name}, {rounds} rounds: {', '.join(told)}", flush=True)
    print("worst:", ", ".join(f"{method} {held:.1%}" for method, held in worst.items()))
    if max(worst.values()) < least:
        print("none of these keeps 95 % under one-sided bursts")


if __name__ == "__main__":
    main()
