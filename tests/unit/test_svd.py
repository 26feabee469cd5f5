"""The exact SVD: what is computed, the chunk rule, and the independent reference."""

from pathlib import Path

import dask
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.accuracy import singular_values
from daskbench.benchmarks.svd import Svd
from daskbench.config import make_suite
from daskbench.errors import UsageError
from daskbench.lane.probes.tasks import count_tasks
from daskbench.stats.results import groups_of
from daskbench.units import format_shape, parse_shape
from daskbench.views import Page, render
from daskbench.views.report import build
from tests.unit.builders import make_run, make_sample

SHAPES = [
    ("200x10", "50x10"),
    ("203x10", "50x10"),  # does not divide
    ("10x200", "10x50"),  # short and fat
    ("10x203", "10x50"),
    ("60x10", "60x10"),  # one chunk
    ("20000x10", "auto"),
]


def computed(svd: Svd) -> list[np.ndarray]:
    return list(dask.compute(*svd.collection(), scheduler="synchronous"))


@pytest.mark.parametrize(("shape", "chunks"), SHAPES)
def test_dask_and_numpy_compute_the_same_and_the_reference_agrees(shape: str, chunks: str) -> None:
    svd = Svd(shape, chunks, seed=3)
    [call] = svd.calls()
    for s in (computed(svd)[0], call()):
        assert svd.check([s]) is None
        assert svd.figures([s])["error"] < 1e-13


def test_x_is_the_same_in_every_lane_and_another_for_another_seed() -> None:
    s = [Svd("200x10", "50x10", seed).calls()[0]() for seed in (1, 1, 2)]
    assert np.array_equal(s[0], s[1])
    assert not np.array_equal(s[0], s[2])


def test_x_has_the_singular_values_of_uniform_numbers() -> None:
    """FACTS: the first is about sqrt(m n) / 2, the rest about sqrt(m / 12)."""
    s = Svd("20000x10", "5000x10", seed=0).calls()[0]()
    assert s[0] == pytest.approx(np.sqrt(20000 * 10) / 2, rel=0.03)
    assert s[1:] == pytest.approx(np.sqrt(20000 / 12), rel=0.05)


def test_every_build_has_keys_of_its_own() -> None:
    svd = Svd("200x10", "50x10", seed=0)
    one, two = (set(svd.collection()[0].__dask_graph__()) for _ in range(2))
    assert not one & two
    assert count_tasks(svd.collection()) > 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda s: s * (1 + 1e-9), "relative error of s is 1e-09, above 1e-12"),
        (lambda s: s[:-1], "relative error of s is inf"),
        (lambda s: s * np.nan, "relative error of s is nan"),
    ],
)
def test_a_wrong_answer_is_told(wrong: object, message: str) -> None:
    assert callable(wrong)
    svd = Svd("200x10", "50x10", seed=0)
    assert message in (svd.check([wrong(computed(svd)[0])]) or "")


@pytest.mark.parametrize(
    ("shape", "chunks", "message"),
    [
        ("10000x10000", "2000x2000", "daskbench svd --shape 10000x10000 --chunks 2000x10000"),
        ("100x10000", "10x2000", "daskbench svd --shape 100x10000 --chunks 100x2000"),
        ("100x10", "200x10", "chunks of 200x10 are larger than X of 100x10"),
    ],
)
def test_chunks_that_do_not_fit_are_told_before_anything_starts(
    shape: str, chunks: str, message: str
) -> None:
    values = {"shape": (shape,), "chunks": (chunks,), "schedulers": ("numpy",)}
    with pytest.raises(UsageError) as error:
        make_suite("svd", "svd", values, lambda: 2)
    assert message in str(error.value)


@given(st.integers(1, 40), st.integers(1, 8), st.integers(1, 40), st.booleans())
def test_the_reference_is_lapacks(rows: int, columns: int, step: int, transposed: bool) -> None:
    x = np.random.default_rng(rows * columns).random((rows, columns))
    blocks = (x[i : i + step] for i in range(0, rows, step))
    if transposed:
        blocks = (block.T for block in blocks)
    s = singular_values(blocks, transposed=transposed)
    assert s == pytest.approx(np.linalg.svd(x, compute_uv=False), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("text", ["2000000x100", "2_000_000x100", "2e6x100", " 2E6X1e2 "])
def test_shapes_are_read(text: str) -> None:
    assert parse_shape(text) == (2_000_000, 100)
    assert format_shape((2_000_000, 100)) == "2000000x100"


@given(st.text(alphabet="0123456789x_e. -", max_size=12))
def test_any_text_is_a_shape_or_a_usage_error(text: str) -> None:
    try:
        rows, columns = parse_shape(text)
    except UsageError:
        return
    assert rows >= 1
    assert columns >= 1


def test_the_worst_error_stands_in_table_csv_and_json(tmp_path: Path) -> None:
    samples = [
        make_sample(0, number, figures={"error": error})
        for number, error in ((1, 1e-15), (2, 3e-15), (3, 2e-15))
    ]
    run = make_run(tmp_path, samples)
    assert groups_of(run)[0].results[0].figures == {"error": 3e-15}
    report = build(run)
    assert "3.0e-15" in render("table", report, Page(120))
    assert ",error," in render("csv", report).splitlines()[0]
    assert "3e-15" in render("csv", report)
    assert '"error": 3e-15' in render("json", report)
