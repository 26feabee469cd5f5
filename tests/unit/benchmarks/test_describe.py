"""Each built-in benchmark has a line, and the sizes that a suite derives."""

from importlib.util import find_spec

import pytest

from daskbench.benchmarks import BENCHMARKS, extras
from daskbench.benchmarks.describe import describe, families
from tests.unit.benchmarks.library import parameters_of


def test_every_benchmark_is_described_in_one_line() -> None:
    found = {one.name: one for one in describe()}
    assert found.keys() == BENCHMARKS.keys()
    for one in found.values():
        assert one.line.endswith(".")
        assert len(one.line) <= 90
        assert one.lacking is None or find_spec("xarray") is None


def test_families_are_folders() -> None:
    found = {family: [one.name for one in those] for family, those in families()}
    assert found["lesson"] == ["calc_mean"]
    assert found["bag"] == ["word_count"]
    assert found["linalg"] == ["svd", "svd_compressed"]


def test_sizes_are_those_that_a_suite_derives() -> None:
    for one in describe():
        for size, values in one.sizes.items():
            given = parameters_of(one.name, size=size)
            assert {name: given[name] for name in values} == values


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    lacking = {one.name: one.lacking for one in describe()}
    assert lacking["climatology"] == (
        "climatology needs xarray and pandas: pip install 'daskbench[xarray]'"
    )
    assert lacking["array_sum"] is None
