"""The three methods, against LAPACK: on any matrix either right or an error, never wrong."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from daskbench.benchmarks.linalg.decompositions import (
    METHODS,
    TSQR,
    Decomposition,
    Gram,
    Task,
    flops_of_svd,
    gram,
    tolerances,
)
from daskbench.lane.schedulers.local import Synchronous
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing
#: What rounding may cost: of s by the largest value, of U'U and VV' for each column, of X by X.
OF_S, OF_VECTORS, OF_X = 1e-14, 1e-13, 1e-13


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread() -> Iterator[None]:
    """More would only wait for each other on matrices as small as these."""
    with threadpool_limits(1):
        yield


def task_of(x: Any, step: int, *, vectors: bool) -> Task:
    return Task(partial(da.from_array, x, chunks=(step, -1)), x.shape, vectors)


def decomposed(method: str, task: Task) -> Decomposition:
    way = METHODS[method]()
    compute = COMPUTE.keep if task.vectors and method == TSQR else COMPUTE
    return way.proceed(task, compute(*way.first(task)), COMPUTE)


def is_right(x: Any, found: Decomposition) -> bool:
    """Whether u, s and v are those of a matrix that rounding alone tells from `x`."""
    u, s, v = COMPUTE(*found.answer)
    true, one = np.linalg.svd(x, compute_uv=False), np.eye(len(s))
    return bool(
        np.max(np.abs(s - true)) <= OF_S * true[0]
        and np.linalg.norm(u.T @ u - one) <= OF_VECTORS * np.sqrt(len(s))
        and np.linalg.norm(v @ v.T - one) <= OF_VECTORS * np.sqrt(len(s))
        and np.linalg.norm(x - (u * s) @ v) <= OF_X * np.linalg.norm(x)
    )


def conditioned(shape: tuple[int, int], condition: float, kind: str, seed: int) -> Any:
    """Return X of random u and v, whose s fall evenly, or all at once, or at random."""
    (m, n), rng = shape, np.random.default_rng(seed)
    u, v = np.linalg.qr(rng.standard_normal((m, n)))[0], np.linalg.qr(rng.random((n, n)))[0]
    s = {
        "evenly": np.geomspace(1, 1 / condition, n),
        "at once": np.array([1.0] + [1 / condition] * (n - 1)),
        "at last": np.array([1.0] * (n - 1) + [1 / condition]),
        "at random": condition ** -rng.random(n),
    }[kind]
    return (u * s) @ v * 10 ** rng.uniform(-50, 50)


@st.composite
def tall(draw: Any, most: float) -> tuple[Any, int]:
    """Return X of a condition up to `most`, and the rows of its chunks."""
    n = draw(st.integers(1, 10))
    m = n * draw(st.integers(1, 20)) + draw(st.integers(0, 7))
    kind = draw(st.sampled_from(["evenly", "at once", "at last", "at random"]))
    condition = 10 ** draw(st.floats(0, np.log10(most)))
    step = draw(st.integers(max(1, m // 4), m))
    return conditioned((m, n), condition, kind, draw(st.integers(0, 2**32))), step


# Right


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(tall(1e15))
def test_every_method_agrees_with_lapack_on_any_tall_matrix(
    method: str, made: tuple[Any, int]
) -> None:
    x, step = made
    found = decomposed(method, task_of(x, step, vectors=True))
    assert is_right(x, found)
    true = np.linalg.svd(x, compute_uv=False)
    errors = np.abs(COMPUTE(found.answer[1])[0] - true) / true
    assert (errors <= tolerances(true)).all()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=12)
@given(tall(1e15))
def test_values_alone_are_those_that_come_with_vectors(method: str, made: tuple[Any, int]) -> None:
    x, step = made
    [s] = decomposed(method, task_of(x, step, vectors=False)).answer
    with_vectors = COMPUTE(decomposed(method, task_of(x, step, vectors=True)).answer[1])[0]
    assert np.allclose(s, with_vectors, rtol=0, atol=OF_S * s[0])
    assert (np.diff(s) <= 0).all()


def test_what_may_be_lost_is_more_the_smaller_a_value_is() -> None:
    reference = np.array([2.0, 1.0, 2e-6, 2e-12])
    assert tolerances(reference) == pytest.approx([1e-12, 1e-12, 2.2e-8, 2.2e-2], rel=0.01)
    assert tolerances(reference * 1e-100) == pytest.approx(tolerances(reference))


def test_gram_goes_over_where_its_smallest_value_is_noise() -> None:
    """Then the condition that it shows is not that of X."""
    x = conditioned((20, 2), 1e15, "evenly", 0)
    v = np.linalg.svd(x)[2]
    noisy = (v.T * np.array([1.0, 3e-16])) @ v  # as rounding may make it
    note = Gram().proceed(task_of(x, 20, vectors=False), [noisy], COMPUTE).note
    assert "was used instead" in (note or "")


@pytest.mark.parametrize("kind", ["evenly", "at once", "at last", "at random"])
@pytest.mark.parametrize("condition", [1e2, 1e6, 1e8, 1e10, 1e12, 1e14])
def test_cholesky_orthogonalises_what_is_ill_conditioned(condition: float, kind: str) -> None:
    x = conditioned((300, 12), condition, kind, 1)
    found = decomposed("cholesky-qr2", task_of(x, 70, vectors=True))
    u, s, v = COMPUTE(*found.answer)
    assert np.linalg.norm(u.T @ u - np.eye(12)) < 1e-14 * np.sqrt(12)
    assert np.linalg.norm(x - (u * s) @ v) < 1e-13 * np.linalg.norm(x)
    assert is_right(x, found)


def test_a_gram_matrix_is_summed_over_all_chunks() -> None:
    x = np.random.default_rng(0).random((100, 5))
    for step in (1, 3, 50, 100):
        [product] = COMPUTE(gram(da.from_array(x, (step, -1))))
        assert np.allclose(product, x.T @ x, rtol=1e-14)


# Never wrong


SINGULAR: dict[str, Callable[[Any], Any]] = {
    "a zero column": lambda x: np.where(np.arange(x.shape[1]) == x.shape[1] // 2, 0.0, x),
    "two equal columns": lambda x: np.concatenate([x[:, :-1], x[:, :1]], axis=1),
    "two like columns": lambda x: np.concatenate([x[:, :-1], x[:, :1] * 0.3], axis=1),
    "rank one": lambda x: np.outer(x[:, 0], x[0]),
    "too few rows": lambda x: np.where(np.arange(len(x))[:, None] < x.shape[1] - 1, x, 0.0),
    "nothing": np.zeros_like,
}


@pytest.mark.parametrize("kind", SINGULAR)
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=5)
@given(st.integers(2, 8), st.integers(1, 12), st.integers(1, 3), st.integers(0, 2**32))
def test_x_of_less_rank_gives_a_right_answer_or_an_error(
    method: str, kind: str, n: int, times: int, chunks: int, seed: int
) -> None:
    x = SINGULAR[kind](np.random.default_rng(seed).random((n * times, n)))
    try:
        found = decomposed(method, task_of(x, -(-len(x) // chunks), vectors=True))
    except (ArithmeticError, np.linalg.LinAlgError):
        return
    assert is_right(x, found)


def test_x_that_cholesky_cannot_do_is_told_with_what_can() -> None:
    x = SINGULAR["a zero column"](np.random.default_rng(0).random((50, 5)))
    for method in ("cholesky-qr2", "gram"):
        with pytest.raises(ArithmeticError, match=r"ill-conditioned .* use --method tsqr"):
            decomposed(method, task_of(x, 10, vectors=False))
    assert is_right(x, decomposed(TSQR, task_of(x, 10, vectors=True)))


@pytest.mark.parametrize("method", METHODS)
def test_x_with_a_nan_is_an_error(method: str) -> None:
    x = np.random.default_rng(0).random((50, 5))
    x[17, 3] = np.nan
    with pytest.raises(np.linalg.LinAlgError):
        decomposed(method, task_of(x, 10, vectors=False))


# Operations


def test_the_operations_are_those_of_the_textbook() -> None:
    """m = 100 and n = 10: m n^2 = 10000 and n^3 = 1000."""
    assert flops_of_svd(100, 10, vectors=False) == flops_of_svd(10, 100, vectors=False)
    well, ill = (conditioned((100, 10), condition, "evenly", 0) for condition in (5.0, 1e6))
    qr2 = 3 * 10_000 + 2 * 1000 / 3 + 26_000
    qr3 = 5 * 10_000 + 3 * 1000 / 3 + 26_000
    expected = {
        ("tsqr", False): (22_000, 22_000),
        ("tsqr", True): (80_000, 80_000),
        ("cholesky-qr2", False): (qr2, qr3),
        ("cholesky-qr2", True): (qr2 + 40_000, qr3 + 60_000),
        ("gram", False): (19_000, qr3 + 9000),
        ("gram", True): (39_000, qr3 + 60_000 + 9000),
    }
    for (method, vectors), flops in expected.items():
        task = [task_of(x, 30, vectors=vectors) for x in (well, ill)]
        assert [decomposed(method, one).flops for one in task] == pytest.approx(flops)
