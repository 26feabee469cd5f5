"""The array workloads: right answers in every shape, and wrong ones that are found."""

from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pytest

from daskbench.benchmarks.array.workload import InNumpy
from daskbench.errors import UsageError
from tests.unit.benchmarks.library import computed, judged, keys_of, looped, made, parameters_of

NAMES = (
    "array_sum",
    "transpose_add",
    "matmul",
    "rechunk",
    "map_overlap",
    "fft",
    "standardise",
    "reshape",
)
SQUARE = ("transpose_add", "matmul")
KEPT = [name for name in NAMES if name != "array_sum"]
Change = Callable[[Any], Any]


@pytest.mark.parametrize("input", ["generate", "persist"])
@pytest.mark.parametrize(
    ("shape", "chunks"),
    [("40x40", "10x10"), ("43x43", "10x17"), ("7x7", "7x7"), ("33x20", "8x20"), ("20x33", "20x9")],
)
@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_right(name: str, shape: str, chunks: str, input: str) -> None:
    if name in SQUARE and shape in ("33x20", "20x33"):
        return
    benchmark = made(name, shape=shape, chunks=chunks, input=input)
    for _ in range(2):
        assert judged(benchmark, computed(benchmark)).wrong is None
    if isinstance(benchmark, InNumpy):
        assert judged(benchmark, looped(benchmark)).wrong is None
        assert benchmark.check(looped(benchmark)) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_default_chunks_of_any_shape_fit(name: str) -> None:
    for shape in ("1x1", "2x2", "17x17", "1000x1000"):
        given = parameters_of(name, shape=shape)
        assert made(name, **given).matrix.shape[0] == int(shape.partition("x")[0])


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_new_for_every_sample(name: str) -> None:
    benchmark = made(name, shape="40x40")
    assert not keys_of(benchmark) & keys_of(benchmark)


def one_value(change: Change) -> Change:
    """Change the value in the middle of an array, on one of its chunks."""

    def changed(array: Any) -> Any:
        whole = np.array(array)
        whole.flat[whole.size // 2 + 3] = change(whole.flat[whole.size // 2 + 3])
        return whole if isinstance(array, np.ndarray) else da.from_array(whole, array.chunks)

    return changed


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize(
    "change",
    [
        one_value(lambda value: value + 1e-6),
        one_value(lambda value: np.nan),
        one_value(lambda value: np.inf),
        lambda array: array[::-1],
        lambda array: array[:-1],
        lambda array: array * 2,
    ],
)
@pytest.mark.parametrize("name", KEPT)
def test_wrong_results_are_found(name: str, change: Change) -> None:
    benchmark = made(name, shape="40x40")
    right = computed(benchmark)[0]
    assert judged(benchmark, [right]).wrong is None
    assert judged(benchmark, [change(right)]).wrong
    if isinstance(benchmark, InNumpy):
        [whole] = looped(benchmark)
        changed = [[change(whole[0][0])]] if name == "rechunk" else change(whole)
        assert judged(benchmark, [changed]).wrong


@pytest.mark.parametrize("change", [lambda s: s + 1e-6, lambda s: s * np.nan, lambda s: [s, s]])
def test_wrong_sums_are_found(change: Change) -> None:
    benchmark = made("array_sum", shape="40x40")
    assert judged(benchmark, [change(computed(benchmark)[0])]).wrong


def test_other_chunks_than_asked_are_found() -> None:
    benchmark = made("rechunk", shape="40x40")
    [right] = computed(benchmark)
    assert "chunks of (40, 40)" in (judged(benchmark, [right.rechunk((40, 40))]).wrong or "")


def test_blocks_that_changed_places_are_found() -> None:
    benchmark = made("rechunk", shape="41x40", new_chunks="20x10")
    [whole] = looped(benchmark)
    assert [block.shape for block in whole[-1]] == [(1, 10)] * 4
    assert judged(benchmark, [whole]).wrong is None
    assert judged(benchmark, [whole[1::-1] + whole[2:]]).wrong
    assert "chunks of (20, 10)" in (judged(benchmark, [whole[:-1]]).wrong or "")


def test_a_deeper_overlap_is_another_result() -> None:
    deep, shallow = (made("map_overlap", shape="40x40", depth=depth) for depth in (3, 1))
    assert judged(deep, computed(deep)).wrong is None
    assert judged(deep, computed(shallow)).wrong


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("matmul", {"shape": "20x30"}, "matmul needs a square X, as --shape 20x20"),
        ("map_overlap", {"shape": "8x8", "depth": 3}, "--depth 3 is more than a chunk has"),
        ("fft", {"shape": "8x8", "chunks": "9x8"}, "chunks of 9x8 are larger than X of 8x8"),
    ],
)
def test_contradicting_parameters_are_told(name: str, given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made(name, **given)


@pytest.mark.parametrize("name", NAMES)
def test_memory_is_expected_from_the_data(name: str) -> None:
    benchmark = made(name, shape="100x100", input="persist")
    needs = benchmark.needs(in_numpy=False, threads=2)
    assert needs.data_bytes == needs.kept_bytes == 80_000
    assert needs.peak_bytes >= needs.kept_bytes + 2 * needs.task_bytes
    assert benchmark.needs(in_numpy=True, threads=1).peak_bytes >= 80_000
