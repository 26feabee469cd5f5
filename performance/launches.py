"""What the luck of launches does to verdicts: of a single launch, and of several.

Rows whose true ratio is 1; a launch shifts all of its rounds by luck of its own. A single launch is
looked at after each of its rounds from 5 to 80: its luck is not in the interval, and the margin of
2 % is all that allows for it. Several launches of 15 rounds are looked at after each from 5 to 25.
*Words*: a row says faster or slower. *Misses*: the interval excludes 1 at any look. Exit code 1
where intervals over launches miss in more than 5 %.
"""

import sys

import numpy as np

from daskbench.stats.mixture import Floats
from daskbench.stats.sequence import AnytimeInterval, Verdict, intervals

ROUNDS, INSIDE, LAUNCHES, SEED = 80, 15, 25, 7
WORDS = (Verdict.FASTER, Verdict.SLOWER)
BAR = 0.05


def single(luck: float, noise: float, random: np.random.Generator) -> list[AnytimeInterval | None]:
    """Return the interval of a row after each round of its only launch."""
    logs = luck * random.standard_normal() + noise * random.standard_normal(ROUNDS)
    return [intervals([[logs[:n]]])[0] for n in range(5, ROUNDS + 1)]


def several(luck: float, noise: float, random: np.random.Generator) -> list[AnytimeInterval | None]:
    """Return the interval of a row after each launch."""
    lucks = luck * random.standard_normal((LAUNCHES, 1))
    launches: list[Floats] = list(lucks + noise * random.standard_normal((LAUNCHES, INSIDE)))
    return [intervals([launches[:n]])[0] for n in range(5, LAUNCHES + 1)]


def main() -> None:
    """Print the parts of rows with words and with misses."""
    rows, worst = int(sys.argv[1]) if sys.argv[1:] else 200, 0.0
    for name, method in {"a single launch": single, "several launches": several}.items():
        for luck, noise in ((0.0, 0.02), (0.01, 0.02), (0.02, 0.02), (0.01, 0.1), (0.02, 0.0)):
            random = np.random.default_rng(SEED)
            looks = [method(luck, noise, random) for _ in range(rows)]
            words = [any(one and one.verdict() in WORDS for one in row) for row in looks]
            missed = [any(one and not one.low <= 0 <= one.high for one in row) for row in looks]
            print(
                f"{name}, luck {luck:.0%}, rounds vary by {noise:.0%}: words "
                f"{np.mean(words):.1%}, misses {np.mean(missed):.1%}",
                flush=True,
            )
            worst = max(worst, float(np.mean(missed))) if method is several else worst
    sys.exit(worst > BAR)


if __name__ == "__main__":
    main()
