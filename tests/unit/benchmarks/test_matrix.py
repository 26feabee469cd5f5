"""The matrices: the same wherever they are made, and with the singular values they are to have."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daskbench.benchmarks.linalg.input import (
    AUTO,
    check_chunks,
    matrix_parameters,
    read_chunks,
    read_condition,
)
from daskbench.benchmarks.linalg.matrix import Matrix, spectrum
from daskbench.errors import UsageError

SIDES = st.tuples(st.integers(1, 40), st.integers(1, 12))


@st.composite
def matrices(draw: Any, distribution: str | None = None) -> Matrix:
    """Tall, flat or square, in chunks that divide or do not, in one dimension or both."""
    shape = draw(SIDES)
    if draw(st.booleans()):
        shape = shape[::-1]
    return Matrix(
        shape=shape,
        chunk=(draw(st.integers(1, shape[0])), draw(st.integers(1, shape[1]))),
        distribution=distribution or draw(st.sampled_from(["uniform", "spectrum"])),
        condition=10 ** draw(st.floats(0, 3)),
        seed=draw(st.integers(0, 2**32)),
        rank=min(shape),
    )


def a_matrix(**changes: Any) -> Matrix:
    return replace(Matrix((50, 8), (20, 3), "uniform", 1e3, seed=1, rank=8), **changes)


@settings(max_examples=25)
@given(matrices())
def test_in_one_piece_it_is_what_dask_computes(matrix: Matrix) -> None:
    x = matrix.collection()
    assert np.array_equal(matrix.whole(), x.compute(scheduler="synchronous"))
    assert x.numblocks == matrix.blocks_across
    assert x.chunksize == matrix.chunk
    assert x.nbytes == matrix.bytes


@settings(max_examples=40)
@given(matrices())
def test_it_is_the_same_chunk_for_chunk(matrix: Matrix) -> None:
    whole, (rows, columns) = matrix.whole(), matrix.blocks_across
    blocks = list(matrix.blocks())
    assert len(blocks) == rows * columns
    for number, block in enumerate(blocks):
        row, column = divmod(number, columns)
        top, left = row * matrix.chunk[0], column * matrix.chunk[1]
        assert np.array_equal(block, matrix.block(row, column))
        assert np.array_equal(block, whole[top:, left:][: matrix.chunk[0], : matrix.chunk[1]])
        assert block.nbytes <= matrix.chunk_bytes


@settings(max_examples=40)
@given(matrices())
def test_the_same_seed_gives_the_same(matrix: Matrix) -> None:
    assert np.array_equal(matrix.whole(), replace(matrix).whole())


@settings(max_examples=40)
@given(matrices("uniform"), st.integers(1, 100))
def test_another_seed_gives_other_uniform_numbers(matrix: Matrix, more: int) -> None:
    one, two = matrix.whole(), replace(matrix, seed=matrix.seed + more).whole()
    assert not np.isin(one, two).any()


@pytest.mark.parametrize(
    "shape",
    [
        (5000, 4),
        (4, 5000),
        (40, 40),  # which has every cosine
    ],
)
def test_another_seed_gives_another_matrix_of_the_same_spectrum(shape: tuple[int, int]) -> None:
    matrix = a_matrix(shape=shape, chunk=shape, distribution="spectrum", rank=min(shape))
    made = {replace(matrix, seed=seed).whole().tobytes() for seed in range(5)}
    assert len(made) > 3


@settings(max_examples=40)
@given(matrices())
def test_it_is_the_same_however_it_is_cut(matrix: Matrix) -> None:
    cut, other = matrix.whole(), replace(matrix, chunk=matrix.shape)
    assert other.name == matrix.name
    assert np.allclose(cut, other.whole(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("columns", [300, 1000, 1100, 1500, 2500])
def test_a_wide_matrix_of_several_strips_is_the_same_however_it_is_cut(columns: int) -> None:
    matrix = a_matrix(shape=(3, 2500), chunk=(2, columns))
    assert np.array_equal(matrix.whole(), replace(matrix, chunk=(3, 2500)).whole())


def test_uniform_numbers_are_from_zero_to_one_and_nowhere_the_same() -> None:
    x = a_matrix(shape=(400, 100), chunk=(150, 30)).whole()
    assert 0 <= x.min() < 0.001
    assert 0.999 < x.max() < 1
    assert x.mean() == pytest.approx(0.5, abs=0.01)
    assert len(np.unique(x)) == x.size


def test_every_collection_has_keys_of_its_own() -> None:
    for distribution in ("uniform", "spectrum"):
        matrix = a_matrix(distribution=distribution)
        one, two = (set(matrix.collection().__dask_graph__()) for _ in range(2))
        assert not one & two


# The spectrum


@settings(max_examples=40)
@given(matrices("spectrum"))
def test_a_spectrum_is_what_lapack_finds(matrix: Matrix) -> None:
    s = np.linalg.svd(matrix.whole(), compute_uv=False)
    assert s == pytest.approx(matrix.singular_values, rel=1e-9)


@settings(max_examples=40)
@given(matrices("spectrum"), st.data())
def test_a_spectrum_of_less_rank_is_followed_by_zeros(matrix: Matrix, data: Any) -> None:
    rank = data.draw(st.integers(1, min(matrix.shape)))
    matrix = replace(matrix, rank=rank)
    s = np.linalg.svd(matrix.whole(), compute_uv=False)
    assert s[:rank] == pytest.approx(matrix.singular_values, rel=1e-9)
    assert s[rank:] == pytest.approx(0, abs=1e-14)


def test_the_last_chunk_of_a_long_matrix_is_as_exact_as_the_first() -> None:
    """Cosines are symmetric, and these frequencies all even or all odd: the end mirrors the top."""
    shape = (2_000_000, 10)
    matrix = a_matrix(shape=shape, chunk=(1000, 10), distribution="spectrum", rank=10)
    first, last = matrix.block(0, 0), matrix.block(1999, 0)
    assert np.abs(first).max() > 1e-4
    assert np.allclose(np.abs(last[::-1]), np.abs(first), rtol=0, atol=1e-17)


def test_a_spectrum_falls_from_one_by_the_same_ratio() -> None:
    assert spectrum(4, 1e6) == pytest.approx([1, 1e-2, 1e-4, 1e-6])
    assert spectrum(3, 1.0) == pytest.approx([1, 1, 1])
    assert spectrum(1, 1e6) == pytest.approx([1])
    assert a_matrix().singular_values is None


# Reading


@given(
    st.text(max_size=20)
    | st.text(alphabet="0123456789.eE+-_ infa", max_size=8)
    | st.floats().map(str)
    | st.integers().map(str)
)
def test_any_text_is_a_condition_or_a_usage_error(text: str) -> None:
    try:
        condition = read_condition(text)
    except UsageError:
        return
    assert type(condition) is float
    assert 1 <= condition <= 1e15


@pytest.mark.parametrize("value", ["1e6", " 1E6 ", "1000000", "1_000_000", 1e6, 1_000_000])
def test_conditions_are_read(value: object) -> None:
    assert read_condition(value) == 1e6


@pytest.mark.parametrize("text", ["0.5", "-1e6", "0", "nan", "inf", "1e16", "", "one", "1e6x"])
def test_what_is_no_condition_is_told(text: str) -> None:
    with pytest.raises(
        UsageError, match="is not a condition number; write a number from 1 to 1e15"
    ):
        read_condition(text)


@pytest.mark.parametrize("text", ["2000000x100", "2_000_000x100", "2e6x100", " 2E6X1e2 "])
def test_chunks_are_read_and_written_in_one_way(text: str) -> None:
    assert read_chunks(text) == "2000000x100"
    assert read_chunks(AUTO) == AUTO


def test_chunks_may_be_as_large_as_x_but_not_larger() -> None:
    assert check_chunks((50, 8), "50x8") == (50, 8)
    assert check_chunks((50, 8), "1x1") == (1, 1)
    for chunks in ("51x8", "50x9"):
        with pytest.raises(UsageError, match=f"chunks of {chunks} are larger than X of 50x8"):
            check_chunks((50, 8), chunks)


def test_every_default_is_read_as_it_is() -> None:
    made = matrix_parameters("100x10", "50x10", "along one dimension", lambda shape: shape)
    for parameter in made.values():
        if parameter.read:
            assert parameter.read(parameter.default) == parameter.default
        else:
            assert parameter.default in parameter.choices
