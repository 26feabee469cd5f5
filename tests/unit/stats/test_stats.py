import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.events import Sample
from daskbench.journal.run import Samples
from daskbench.model import FEWEST, Settings
from daskbench.stats.ratio import Ratio, paired_ratio, ratio_of_pairs
from daskbench.stats.summary import summarize
from tests.unit.builders import make_invalid, make_sample, timed

Floats = npt.NDArray[np.float64]

SECONDS = st.floats(1e-6, 1e3)
PAIRS = st.lists(st.tuples(SECONDS, SECONDS), min_size=FEWEST, max_size=30)


def columns(pairs: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    both = np.array(pairs, dtype=np.float64)
    return both[:, 0], both[:, 1]


def samples_of(samples: list[Sample]) -> Samples:
    found = Samples()
    for sample in samples:
        found.append(sample)
    return found


def figures(ratio: Ratio | None) -> tuple[float, float, float]:
    assert ratio is not None
    assert ratio.low is not None
    assert ratio.high is not None
    return ratio.value, ratio.low, ratio.high


def test_a_summary_holds_every_figure() -> None:
    summary = summarize(np.array([0.1, 0.2, 0.6]))
    assert summary is not None
    assert summary.samples == 3
    assert summary.mean_s == pytest.approx(0.3)
    assert summary.std_s == pytest.approx(np.sqrt((0.04 + 0.01 + 0.09) / 3))
    assert (summary.median_s, summary.min_s, summary.max_s) == (0.2, 0.1, 0.6)


def test_no_times_have_no_summary() -> None:
    assert summarize(np.array([])) is None


def test_one_time_has_neither_deviation_nor_interval() -> None:
    summary = summarize(np.array([0.1]))
    assert summary is not None
    assert (summary.mean_s, summary.std_s) == (0.1, None)


def test_the_ratio_is_the_geometric_mean_of_the_rounds_ratios() -> None:
    ratio = ratio_of_pairs(np.array([2.0, 8.0]), np.array([1.0, 1.0]))
    assert ratio is not None
    assert ratio.value == pytest.approx(4)


@given(PAIRS)
def test_swapping_the_sides_inverts_the_ratio_and_its_interval(
    pairs: list[tuple[float, float]],
) -> None:
    one, two = columns(pairs)
    with np.errstate(over="ignore"):
        value, low, high = figures(ratio_of_pairs(one, two))
        other = figures(ratio_of_pairs(two, one))
    with np.errstate(divide="ignore"):
        swapped = 1 / np.float64(other[0]), 1 / np.float64(other[2]), 1 / np.float64(other[1])
    assert (value, low, high) == pytest.approx(swapped, rel=1e-6)


@given(PAIRS, st.floats(1e-3, 1e3))
def test_the_unit_does_not_change_the_ratio(pairs: list[tuple[float, float]], scale: float) -> None:
    one, two = columns(pairs)
    with np.errstate(over="ignore"):
        scaled, plain = ratio_of_pairs(one * scale, two * scale), ratio_of_pairs(one, two)
    assert figures(scaled) == pytest.approx(figures(plain), rel=1e-6)


@given(PAIRS, st.integers(0, 2**32 - 1))
def test_what_slows_a_whole_round_cancels(pairs: list[tuple[float, float]], seed: int) -> None:
    one, two = columns(pairs)
    drift = np.random.default_rng(seed).uniform(0.1, 10, len(one))
    with np.errstate(over="ignore"):
        drifting, steady = ratio_of_pairs(one * drift, two * drift), ratio_of_pairs(one, two)
    assert figures(drifting) == pytest.approx(figures(steady), rel=1e-6)


@given(st.lists(SECONDS, min_size=FEWEST, max_size=30))
def test_the_same_samples_give_exactly_one(seconds: list[float]) -> None:
    values = np.array(seconds)
    assert figures(ratio_of_pairs(values, values)) == (1.0, 1.0, 1.0)


def test_the_ratio_lies_inside_its_interval_and_counts_its_rounds() -> None:
    ratio = ratio_of_pairs(np.array([1.0, 1.2, 0.9, 1.0, 1.1]), np.full(5, 2.0))
    value, low, high = figures(ratio)
    assert low < value < high
    assert ratio is not None
    assert ratio.rounds == 5


def test_below_two_shared_rounds_there_is_no_ratio() -> None:
    many = samples_of(timed(0, [0.1, 0.1, 0.1]))
    assert paired_ratio(samples_of([]), many, Settings()) is None
    assert paired_ratio(samples_of([make_sample(round=2)]), many, Settings()) is None
    assert (
        paired_ratio(samples_of([make_sample(round=8), make_sample(round=9)]), many, Settings())
        is None
    )


def test_only_shared_rounds_are_paired() -> None:
    one = samples_of([make_sample(round=r, wall_s=s) for r, s in ((1, 2.0), (2, 4.0), (4, 9e9))])
    two = samples_of([make_sample(round=r, wall_s=s) for r, s in ((2, 2.0), (3, 9e9), (1, 1.0))])
    ratio = paired_ratio(one, two, Settings())
    assert ratio is not None
    assert ratio.value == pytest.approx(2)
    assert ratio.rounds == 2


def test_invalid_and_warm_up_samples_are_never_compared() -> None:
    clean = samples_of(timed(0, [2.0, 2.2, 2.1]))
    base = samples_of(timed(1, [1.0, 1.1, 1.0]))
    dirty = samples_of(
        [
            make_sample(round=0, wall_s=50.0, warmup=True),
            *timed(0, [2.0, 2.2, 2.1]),
            make_invalid(round=4, wall_s=0.001),
        ]
    )
    base_with_four = samples_of(timed(1, [1.0, 1.1, 1.0, 1.0]))
    assert paired_ratio(dirty, base_with_four, Settings()) == paired_ratio(clean, base, Settings())


def test_loops_are_divided_out_before_times_are_compared() -> None:
    looped = samples_of(timed(0, [1.0, 1.0], loops=10))
    single = samples_of(timed(1, [0.2, 0.2]))
    ratio = paired_ratio(looped, single, Settings())
    assert ratio is not None
    assert ratio.value == pytest.approx(0.5)


def test_the_interval_of_the_ratio_covers_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    trials, rounds, truth = 3000, 7, 0.52
    drift = np.exp(chance.normal(0, 0.3, (trials, rounds)))
    one = truth * drift * np.exp(chance.normal(0, 0.15, (trials, rounds)))
    two = drift * np.exp(chance.normal(0, 0.15, (trials, rounds)))
    hits = 0
    for first, second in zip(one, two, strict=True):
        _, low, high = figures(ratio_of_pairs(first, second))
        hits += low <= truth <= high
    assert hits / trials >= 0.94
