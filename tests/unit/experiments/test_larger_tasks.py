"""Options with which the tasks of a benchmark are as large as they should be."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.experiments.overhead.larger import larger_tasks
from daskbench.model import Case
from daskbench.units import parse_bytes, parse_shape


def options(factor: float, benchmark: str = "mine.py:build", **parameters: Any) -> str:
    return larger_tasks(Case(benchmark, "threads", parameters), factor)


@pytest.mark.parametrize(
    ("parameters", "factor", "expected"),
    [
        ({"n": 10**6, "chunks": 1000}, 3.1, "--chunks 3100"),
        ({"chunk_size": "64MiB"}, 2.0, "--chunk-size 130MB"),
        ({"chunks": "100x100", "shape": "10000x10000"}, 4.0, "--chunks 200x200"),
        ({"chunks": "100x50", "shape": "10000x50"}, 4.0, "--chunks 400x50"),
        ({"chunks": "100x100", "shape": "150x150"}, 4.0, ""),
        ({"partitions": 100}, 4.0, "--partitions 25"),
        ({"partitions": 3}, 4.0, ""),
        ({"partitions": 3}, 0.5, "--partitions 6"),
        ({"chunks": "auto"}, 4.0, ""),
        ({"n": 1000}, 4.0, ""),
    ],
)
def test_a_parameter_is_found_by_its_name(
    parameters: dict[str, Any], factor: float, expected: str
) -> None:
    assert options(factor, **parameters) == expected


def test_a_benchmark_may_declare_what_makes_its_tasks_larger() -> None:
    made = options(4.0, "calc_mean", n=10_000, tasks=100, rng="legacy")
    assert made == "--tasks 25 --n 40000"
    assert options(400.0, "calc_mean", n=10_000, tasks=100, rng="legacy") == ""


@given(st.integers(1, 10**5), st.integers(1, 10**5), st.floats(0.05, 50))
def test_a_chunk_of_a_matrix_has_so_many_times_the_elements(
    rows: int, columns: int, factor: float
) -> None:
    found = re.fullmatch(r"--chunks (\d+x\d+)", options(factor, chunks=f"{rows}x{columns}"))
    assert found
    shape = parse_shape(found[1])
    wanted = rows * columns * factor
    assert (
        shape == (1, shape[1])
        or shape == (shape[0], 1)
        or (0.4 * wanted <= shape[0] * shape[1] <= 2 * wanted)
    )


@given(st.integers(1, 10**9), st.floats(0.05, 50))
def test_a_size_is_scaled(size: int, factor: float) -> None:
    found = options(factor, chunks=f"{size}B").removeprefix("--chunks ")
    assert parse_bytes(found) == pytest.approx(max(1, size * factor), rel=0.06, abs=0.6)
