"""The matrix X, the rule of its chunks, and the reference."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.linalg import matrix
from daskbench.benchmarks.linalg.accuracy import singular_values
from daskbench.benchmarks.linalg.decompositions import METHODS
from daskbench.benchmarks.linalg.input import AUTO_BYTES
from daskbench.benchmarks.linalg.svd import Svd
from daskbench.config import make_suite
from daskbench.errors import UsageError
from daskbench.experiments.report import build
from daskbench.formats import Page
from daskbench.lane.probes.tasks import count_tasks
from daskbench.lane.work import Work
from daskbench.units import format_shape, parse_shape
from tests.unit.benchmarks.decomposing import (
    COMPUTE,
    SMALL,
    judged,
    looped,
    svd_of,
)
from tests.unit.builders import make_run, make_sample, render, result_tables_of


def test_x_is_the_same_in_every_lane_and_another_for_another_seed() -> None:
    s = [looped(svd_of(seed, **SMALL))[0] for seed in (1, 1, 2)]
    assert np.array_equal(s[0], s[1])
    assert not np.array_equal(s[0], s[2])


def test_x_has_the_singular_values_of_uniform_numbers() -> None:
    """FACTS: the first is about sqrt(m n) / 2, the rest about sqrt(m / 12)."""
    s = looped(svd_of(0, shape="20000x10", chunks="5000x10"))[0]
    assert s[0] == pytest.approx(np.sqrt(20000 * 10) / 2, rel=0.03)
    assert s[1:] == pytest.approx(np.sqrt(20000 / 12), rel=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_every_build_has_keys_of_its_own(method: str) -> None:
    svd = svd_of(**SMALL, method=method)
    one, two = (set(svd.collection()[0].__dask_graph__()) for _ in range(2))
    assert not one & two
    assert count_tasks(svd.collection()) > 4


@pytest.mark.parametrize("compute", ["s", "usv"])
@pytest.mark.parametrize("method", METHODS)
def test_an_x_that_is_held_is_not_made_again(
    method: str, compute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    svd = svd_of(**SMALL, method=method, compute=compute, input="persist")
    svd.prepare(COMPUTE)
    calls = svd.calls()
    svd.reference()
    monkeypatch.setattr(matrix, "uniform_block", lambda *_: pytest.fail("X was made again"))
    for _ in range(2):
        assert svd.account(Work(svd).run(COMPUTE), COMPUTE).wrong is None
        assert svd.account([call() for call in calls], COMPUTE).wrong is None
    assert svd.calls()


def test_what_is_held_is_told_of() -> None:
    held, made = (svd_of(**SMALL, input=input) for input in ("persist", "generate"))
    size = 200 * 10 * 8
    for in_numpy in (True, False):
        assert held.needs(in_numpy=in_numpy, threads=2).kept_bytes == size
        assert made.needs(in_numpy=in_numpy, threads=2).kept_bytes == 0
    one, two = (made.needs(in_numpy=False, threads=threads) for threads in (1, 2))
    assert two.peak_bytes == one.peak_bytes + one.task_bytes
    assert (one.data_bytes, one.chunk_bytes) == (size, size // 4)


@pytest.mark.parametrize(
    ("shape", "chunks", "message"),
    [
        ("10000x10000", "2000x2000", "daskbench svd --shape 10000x10000 --chunks 2000x10000"),
        (
            "10000x10000",
            "2000x2000",
            "daskbench svd-compressed --shape 10000x10000 --chunks 2000x2000",
        ),
        ("100x10000", "10x2000", "daskbench svd --shape 100x10000 --chunks 100x2000"),
        (
            "100x10000",
            "10x2000",
            "daskbench svd-compressed --shape 100x10000 --chunks 10x2000",
        ),
        (
            "100x10",
            "200x10",
            "chunks of 200x10 are larger than X of 100x10; use --chunks 100x10 or smaller",
        ),
        ("100x10", "10x20", "chunks of 10x20 are larger than X of 100x10"),
        ("1000x100", "0x100", "'0x100' is not a shape; write ROWSxCOLUMNS"),
        ("1000x100", "100", "'100' is not a shape; write ROWSxCOLUMNS"),
        ("1000x100", "axb", "'axb' is not a shape; write ROWSxCOLUMNS"),
    ],
)
def test_chunks_that_do_not_fit_are_told_before_anything_starts(
    shape: str, chunks: str, message: str
) -> None:
    values = {"shape": (shape,), "chunks": (chunks,), "schedulers": ("numpy",)}
    with pytest.raises(UsageError) as error:
        make_suite("svd", "svd", values, lambda: 2)
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["shape", "chunks"])
@pytest.mark.parametrize("text", ["0x100", "100", "axb", "", "100x", "-1x5", "1.5x2", "5x5x5"])
def test_what_is_no_shape_is_told_as_it_is_read(name: str, text: str) -> None:
    read = Svd.parameters[name].read
    assert read
    with pytest.raises(UsageError, match="is not a shape; write ROWSxCOLUMNS"):
        read(text)


@pytest.mark.parametrize("method", ["gram", "cholesky-qr2"])
@pytest.mark.parametrize(("shape", "chunks"), [("200x10", "200x4"), ("10x200", "4x200")])
def test_chunks_along_the_shorter_dimension_are_for_tsqr_alone(
    shape: str, chunks: str, method: str
) -> None:
    with pytest.raises(UsageError) as error:
        svd_of(shape=shape, chunks=chunks, method=method)
    assert str(error.value) == (
        f"--method {method} needs X of {shape} chunked along its longer dimension: --chunks 10x10"
    )
    for compute in ("s", "usv"):
        assert judged(svd_of(shape=shape, chunks=chunks, compute=compute)).wrong is None


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    st.sampled_from([*METHODS]),
)
def test_any_chunks_are_taken_or_others_are_named_that_are(
    shape: tuple[int, int], chunk: tuple[int, int], method: str
) -> None:
    x, said = format_shape(shape), ""
    try:
        svd_of(shape=x, chunks=format_shape(chunk), method=method)
    except UsageError as error:
        said = str(error)
    if said:
        found = re.search(r"--chunks (\d+x\d+)|choose up to (\d+x\d+)", said)
        assert found
        svd_of(shape=x, chunks=found[1] or found[2], method=method)


@given(st.integers(1, 10**7), st.integers(1, 1000), st.sampled_from([*METHODS]), st.booleans())
def test_automatic_chunks_are_as_large_as_dasks(
    long: int, short: int, method: str, flat: bool
) -> None:
    long = max(long, short)
    shape = (short, long) if flat else (long, short)
    svd = svd_of(shape=format_shape(shape), chunks="auto", method=method)
    assert svd.matrix.chunk_bytes <= AUTO_BYTES
    if max(svd.matrix.blocks_across) > 1:
        assert svd.matrix.chunk_bytes > AUTO_BYTES - short * 8


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
    assert result_tables_of(run)[0].results[0].figures == {"error": 3e-15}
    report = build(run)
    assert "3.0e-15" in render("table", report, Page(120, columns=("error",)))
    assert ",error," in render("csv", report).splitlines()[0]
    assert "3e-15" in render("csv", report)
    assert '"error": 3e-15' in render("json", report)
