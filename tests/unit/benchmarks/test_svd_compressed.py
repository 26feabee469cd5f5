"""The approximate SVD: what its answers are worth, the first of them and the later ones."""

from collections.abc import Callable, Sequence
from typing import Any

import dask.array as da
import numpy as np
import pytest

from daskbench.benchmarks.base import Evaluation
from daskbench.benchmarks.linalg.accuracy import largest_singular_values
from daskbench.benchmarks.linalg.matrix import Matrix
from daskbench.benchmarks.linalg.svd_compressed import SvdCompressed
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers.local import Synchronous
from daskbench.lane.schedulers.plain import PlainLoop
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing
Answer = Sequence[Any]


def compressed(**given: Any) -> SvdCompressed:
    defaults = {name: parameter.default for name, parameter in SvdCompressed.parameters.items()}
    small = {"shape": "60x47", "chunks": "20x20", "k": 3, "compute": "usv", "seed": 3}
    return SvdCompressed(**{**defaults, **small, **given})


def by_dask(benchmark: SvdCompressed) -> Answer:
    return COMPUTE.keep(*benchmark.collection())


def by_numpy(benchmark: SvdCompressed) -> Answer:
    return [call() for call in benchmark.calls()]


@pytest.mark.parametrize("answer", [by_dask, by_numpy])
@pytest.mark.parametrize("given", [{}, {"iterator": "QR", "power_iterations": 3}])
def test_right_answers_are_right_first_and_later(
    answer: Callable[[SvdCompressed], Answer], given: dict[str, Any]
) -> None:
    benchmark = compressed(**given)
    accounts = [benchmark.account(answer(benchmark), COMPUTE) for _ in range(3)]
    assert [account.wrong for account in accounts] == [None] * 3
    first, *later = (account.figures for account in accounts)
    for figures in later:
        assert figures["|X-USV|/|X|"] == pytest.approx(first["|X-USV|/|X|"], rel=1e-3)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@pytest.mark.parametrize("scheduler", [Synchronous(opening()), PlainLoop(opening())])
def test_power_iterations_that_overflow_say_so(scheduler: Any) -> None:
    benchmark = compressed(power_iterations=150)
    scheduler.open(benchmark)
    with pytest.raises(OverflowError, match=r"150 power iterations overflow: .*--iterator QR"):
        Sampler(benchmark, scheduler).sample(1)
    wrong = benchmark.check([np.full(3, np.nan)])
    assert wrong
    assert "150 power iterations overflow" in wrong


def test_power_iterations_that_are_made_orthogonal_do_not_overflow() -> None:
    assert compressed(power_iterations=300, iterator="QR").explain() is None
    assert compressed(power_iterations=3).explain() is None


def with_u(change: Callable[[Any], Any]) -> Callable[[Any, Any, Any], Answer]:
    return lambda u, s, v: (change(u), s, v)


def turned(array: Any) -> Any:
    """The same span and as orthonormal, but not what belongs to s."""
    return array @ np.linalg.qr(np.array([[1.0, 0.5, 0], [-0.5, 1, 0], [0, 0, 1]]))[0]


WRONG: list[tuple[Callable[[Any, Any, Any], Answer], str]] = [
    (with_u(lambda u: u * 1.001), "|U'U-I| is"),
    (with_u(lambda u: u * np.nan), "|U'U-I| is nan"),
    (with_u(turned), ""),
    (with_u(lambda u: -u), ""),
    (lambda u, s, v: (u, s, v * 1.001), "|VV'-I| is"),
    (lambda u, s, v: (u, s, turned(v.T).T), ""),
    (lambda u, s, v: (u, s * (1 - 1e-3), v), ""),
]


@pytest.mark.parametrize("after_a_right_one", [False, True])
@pytest.mark.parametrize(("change", "told"), WRONG)
def test_wrong_vectors_are_told(
    change: Callable[[Any, Any, Any], Answer], told: str, after_a_right_one: bool
) -> None:
    benchmark = compressed()
    if after_a_right_one:
        assert benchmark.account(by_dask(benchmark), COMPUTE).wrong is None
    account: Evaluation = benchmark.account(change(*by_dask(benchmark)), COMPUTE)
    assert account.wrong is not None
    assert told in account.wrong


def test_vectors_of_something_else_are_told_later_too() -> None:
    benchmark = compressed()
    assert benchmark.account(by_dask(benchmark), COMPUTE).wrong is None
    u, s, v = by_dask(benchmark)
    other = np.linalg.qr(np.random.default_rng(5).random(u.shape))[0]
    wrong = (da.from_array(other, u.chunks), s, v)
    assert benchmark.account(wrong, COMPUTE).wrong == "U'X is not S V"


@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (60, 47), (9, 70)])
def test_the_reference_is_what_lapack_finds(shape: tuple[int, int]) -> None:
    matrix = Matrix(shape, (100, 100), "uniform", 1e6, 0, 200)
    exact = np.linalg.svd(matrix.whole(), compute_uv=False)
    assert largest_singular_values(matrix, 6) == pytest.approx(exact[:6], rel=1e-5)
