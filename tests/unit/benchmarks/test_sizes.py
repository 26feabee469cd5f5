"""Sizes are fractions of memory, whatever the machine."""

import pytest

from daskbench.asking import subject
from daskbench.benchmarks import BENCHMARKS, sizes
from daskbench.config.preflight import BASE_BYTES
from daskbench.resources import Limit
from tests.unit.benchmarks.library import parameters_of


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "memory", lambda: Limit(16 << 30, "the test"))


@pytest.mark.usefixtures("memory")
def test_sizes_are_fractions_of_memory() -> None:
    assert sizes.bytes_of("M") == 16 << 25
    assert sizes.bytes_of("L") == 4 << 30
    assert parameters_of("array_sum", size="M")["shape"] == "8000x8000"
    assert parameters_of("array_sum", size="L")["shape"] == "20000x20000"


@pytest.mark.usefixtures("memory")
def test_the_smallest_is_small_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sizes.bytes_of("S") == sizes.SMALL_BYTES
    monkeypatch.setattr(sizes, "memory", lambda: Limit(1 << 30, "a small machine"))
    assert sizes.bytes_of("S") == 4 << 20


@pytest.mark.usefixtures("memory")
def test_a_shape_takes_precedence_and_sizes_can_be_swept() -> None:
    given = parameters_of("array_sum", size="L", shape="100x100")
    assert (given["shape"], given["chunks"]) == ("100x100", "25x25")


@pytest.mark.parametrize(("number", "found"), [(8090.0, 8000), (1449, 1000), (0.2, 1), (9.7, 10)])
def test_rounding_leaves_one_digit(number: float, found: int) -> None:
    assert sizes.rounded(number) == found


@pytest.mark.parametrize("gib", [4, 12, 24, 100])
def test_the_largest_fits_on_any_machine(gib: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "memory", lambda: Limit(gib << 30, "the test"))
    for name in BENCHMARKS:
        if "size" in subject(name).parameters:
            needs = subject(name).needs(parameters_of(name, size="L"), in_numpy=False, threads=2)
            assert needs is not None
            assert BASE_BYTES + needs.peak_bytes < 0.9 * (gib << 30), name
