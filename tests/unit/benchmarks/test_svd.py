"""The exact SVD: what is computed and how it is judged, the chunk rule, and the reference."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from daskbench.benchmarks.base import Account
from daskbench.benchmarks.linalg import matrix
from daskbench.benchmarks.linalg.accuracy import singular_values
from daskbench.benchmarks.linalg.decompositions import METHODS, Decomposition
from daskbench.benchmarks.linalg.input import AUTO_BYTES
from daskbench.benchmarks.linalg.svd import Svd
from daskbench.config import make_suite
from daskbench.errors import UsageError
from daskbench.experiments.report import build
from daskbench.formats import Page
from daskbench.lane.probes.tasks import count_tasks
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers.local import Synchronous
from daskbench.lane.work import Work
from daskbench.units import format_shape, parse_shape
from tests.unit.builders import groups_of, make_run, make_sample, opening, render

COMPUTE = Synchronous(opening()).computing
SHAPES = [
    ("200x10", "100x10"),
    ("203x10", "80x10"),  # does not divide
    ("10x200", "10x100"),  # short and fat
    ("10x203", "10x80"),
    ("60x10", "60x10"),  # one chunk
    ("10x60", "10x60"),
    ("2000x10", "auto"),
    ("10x2000", "auto"),
]
SMALL: dict[str, Any] = {"shape": "200x10", "chunks": "50x10"}
FAT: dict[str, Any] = {"shape": "10x200", "chunks": "10x50"}
SPECTRUM: dict[str, Any] = {"distribution": "spectrum"}

Answer = Sequence[Any]


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread() -> Iterator[None]:
    """More would only wait for each other on matrices as small as these."""
    with threadpool_limits(1):
        yield


def parameters_of(**given: Any) -> dict[str, Any]:
    return {name: parameter.default for name, parameter in Svd.parameters.items()} | given


def svd_of(seed: int = 3, **given: Any) -> Svd:
    return Svd(**parameters_of(**given), seed=seed)


def computed(svd: Svd) -> Decomposition:
    svd.prepare(COMPUTE)
    found = Work(svd).run(COMPUTE)
    assert isinstance(found, Decomposition)
    return found


def looped(svd: Svd) -> Answer:
    return [call() for call in svd.calls()]


def judged(svd: Svd, change: Callable[[Answer], Answer] = lambda answer: answer) -> Account:
    found = computed(svd)
    return svd.account(replace(found, answer=change(found.answer)), COMPUTE)


# Right answers


@pytest.mark.parametrize("distribution", ["uniform", "spectrum"])
@pytest.mark.parametrize("input", ["generate", "persist"])
@pytest.mark.parametrize("compute", ["s", "usv"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("shape", "chunks"), SHAPES)
def test_every_method_gives_a_right_answer(
    shape: str, chunks: str, method: str, compute: str, input: str, distribution: str
) -> None:
    account = judged(
        svd_of(
            shape=shape,
            chunks=chunks,
            method=method,
            compute=compute,
            input=input,
            distribution=distribution,
        )
    )
    assert account.wrong is None
    vectors = ["|U'U-I|", "|VV'-I|", "|X-USV|/|X|"] if compute == "usv" else []
    assert list(account.figures) == ["error", *vectors]
    assert account.flops


@pytest.mark.parametrize("distribution", ["uniform", "spectrum"])
@pytest.mark.parametrize("input", ["generate", "persist"])
@pytest.mark.parametrize("compute", ["s", "usv"])
@pytest.mark.parametrize(("shape", "chunks"), SHAPES)
def test_numpy_gives_a_right_answer(
    shape: str, chunks: str, compute: str, input: str, distribution: str
) -> None:
    svd = svd_of(
        shape=shape, chunks=chunks, compute=compute, input=input, distribution=distribution
    )
    assert svd.account(looped(svd), COMPUTE).wrong is None


@pytest.mark.parametrize("condition", [1.0, 20.0, 1e6, 1e9, 1e12, 1e15])
@pytest.mark.parametrize("method", METHODS)
def test_a_known_spectrum_is_found_however_ill_conditioned(method: str, condition: float) -> None:
    svd = svd_of(**SMALL, **SPECTRUM, method=method, compute="usv", condition=condition)
    assert judged(svd).wrong is None


@pytest.mark.parametrize("method", METHODS)
def test_the_check_of_s_alone_agrees(method: str) -> None:
    svd = svd_of(**SMALL, method=method)
    for answer in (computed(svd), looped(svd)):
        assert svd.check(answer) is None
        assert svd.account(answer, COMPUTE).figures["error"] < 1e-13


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("shape", "chunks"), [("53x10", "7x10"), ("10x53", "10x7")])
def test_chunks_may_be_shorter_than_the_other_dimension(
    shape: str, chunks: str, method: str
) -> None:
    assert judged(svd_of(shape=shape, chunks=chunks, method=method, compute="usv")).wrong is None


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
@pytest.mark.parametrize("input", ["generate", "persist"])
@pytest.mark.parametrize("compute", ["s", "usv"])
@pytest.mark.parametrize("method", METHODS)
def test_every_task_of_every_step_is_proved(
    method: str, compute: str, input: str, scheduler: str
) -> None:
    sampler = opened(scheduler, **FAT, method=method, compute=compute, input=input)
    for _ in range(2):
        sample = sampler.sample(loops=1)
        assert sample["reason"] is None
        assert sample["tasks_run"] == sample["tasks_expected"] > 0


def opened(scheduler: str, **given: Any) -> Sampler:
    case = {"benchmark": "svd", "parameters": parameters_of(**given), "seed": 3}
    where = {"scheduler": scheduler, "workers": 2, "blas_threads": 1, "cluster": {}}
    return Sampler.open(opening(**case | where))


@pytest.mark.parametrize(("shape", "chunks"), [("200x10", "50x10"), ("10x200", "10x50")])
@pytest.mark.parametrize("compute", ["s", "usv"])
@pytest.mark.parametrize("method", METHODS)
def test_the_answers_of_several_loops_are_judged_as_one_is(
    method: str, compute: str, shape: str, chunks: str
) -> None:
    sampler = opened("synchronous", shape=shape, chunks=chunks, method=method, compute=compute)
    one, three = sampler.sample(loops=1), sampler.sample(loops=3)
    assert three["reason"] is None
    assert (three["flops"], three["note"]) == (one["flops"], one["note"])


# What is told of the way


@pytest.mark.parametrize(("compute", "condition"), [("s", 1e6), ("usv", 1e6), ("s", 1e12)])
def test_gram_goes_over_where_it_would_lose_too_much_and_says_so(
    compute: str, condition: float
) -> None:
    svd = svd_of(**SMALL, **SPECTRUM, method="gram", compute=compute, condition=condition)
    account = judged(svd)
    assert account.wrong is None
    assert re.match(
        r"gram would lose eps\*cond\^2 = .*, so it went over to cholesky-qr2; X has condition",
        account.note or "",
    )


@pytest.mark.parametrize(("compute", "condition"), [("s", 20.0), ("usv", 5.0), ("s", 1.0)])
def test_gram_keeps_to_itself_where_it_is_exact_enough(compute: str, condition: float) -> None:
    svd = svd_of(**SMALL, **SPECTRUM, method="gram", compute=compute, condition=condition)
    account = judged(svd)
    assert (account.wrong, account.note) == (None, None)


@pytest.mark.parametrize("compute", ["s", "usv"])
@pytest.mark.parametrize(
    ("shape", "condition", "told"),
    [
        ("200x10", 1e6, "condition 1e+06: shifted CholeskyQR with 3 passes"),
        ("20x4", 1e12, "condition 1e+12: shifted CholeskyQR with 3 passes"),
        ("200x10", 1e12, "condition 1e+12: shifted CholeskyQR with 4 passes"),
    ],
)
def test_cholesky_tells_of_its_shift_and_its_passes(
    shape: str, condition: float, told: str, compute: str
) -> None:
    """The larger X, the larger the shift has to be, and the less a pass with it gains."""
    given = {"shape": shape, "chunks": "auto", "condition": condition, **SPECTRUM}
    account = judged(svd_of(**given, method="cholesky-qr2", compute=compute))
    assert (account.wrong, account.note) == (None, f"X has {told}")


def test_what_went_as_asked_needs_no_note() -> None:
    for method in ("tsqr", "cholesky-qr2"):
        assert judged(svd_of(**SMALL, **SPECTRUM, method=method, condition=20.0)).note is None


# Wrong answers


def with_s(change: Callable[[Any], Any]) -> Callable[[Answer], Answer]:
    """Change s, which is the second of three or alone."""

    def changed(answer: Answer) -> Answer:
        u, s, v = answer if len(answer) == 3 else (None, answer[0], None)
        new = change(np.array(COMPUTE(s)[0]))
        return [new] if u is None else [u, new, v]

    return changed


def with_a_nan(s: Any) -> Any:
    return np.where(np.arange(len(s)) == 3, np.nan, s)


def with_a_column_of_u_scaled(answer: Answer) -> Answer:
    u, s, v = answer
    return [u * np.where(np.arange(len(s)) == 3, 1 + 1e-9, 1.0), s, v]


def with_a_row_of_v_turned(answer: Answer) -> Answer:
    u, s, v = answer
    return [u, s, v * np.where(np.arange(len(s)) == 3, -1.0, 1.0)[:, None]]


def without_the_last(answer: Answer) -> Answer:
    u, s, v = answer
    return [u[:, :-1], s[:-1], v[:-1]]


@pytest.mark.parametrize("distribution", ["uniform", "spectrum"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s * (1 + 1e-6), "relative error of s is 1e-06 for value"),
        (with_a_nan, "relative error of s is nan for value 4 of 10, above"),
        (lambda s: s * np.inf, "relative error of s is inf for value 1 of 10, above"),
        (lambda s: s[:-1], "s has the shape (9,), not (10,)"),
        (lambda s: s[:, None], "s has the shape (10, 1), not (10,)"),
        (lambda s: s[::-1], "relative error of s is"),
    ],
)
def test_wrong_singular_values_are_told(
    change: Callable[[Any], Any], message: str, method: str, distribution: str
) -> None:
    svd = svd_of(**SMALL, method=method, distribution=distribution)
    assert (judged(svd, with_s(change)).wrong or "").startswith(message)


@pytest.mark.parametrize("shape", [SMALL, FAT], ids=["tall", "fat"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_s(lambda s: s * (1 + 1e-6)), "relative error of s is 1e-06 for value"),
        (with_s(with_a_nan), "relative error of s is nan for value 4 of 10, above"),
        (with_s(lambda s: s[:-1]), "s has the shape (9,), not (10,)"),
        (without_the_last, "s has the shape (9,), not (10,)"),
        (lambda answer: [answer[0][:, :-1], *answer[1:]], "u, s and v have the shapes"),
        (lambda answer: [*answer[:2], answer[2][:-1]], "u, s and v have the shapes"),
        (with_a_column_of_u_scaled, " is 2e-09, above"),
        (with_a_row_of_v_turned, "|X-USV|/|X| is 0."),
        (lambda answer: [answer[0] * np.nan, *answer[1:]], " is nan, above"),
    ],
)
def test_wrong_vectors_are_told(
    change: Callable[[Answer], Answer], message: str, method: str, shape: dict[str, Any]
) -> None:
    svd = svd_of(**shape, method=method, compute="usv")
    assert message in (judged(svd, change).wrong or "")


@pytest.mark.parametrize("shape", [SMALL, FAT], ids=["tall", "fat"])
@pytest.mark.parametrize("method", METHODS)
def test_wrong_vectors_are_told_after_right_ones_too(method: str, shape: dict[str, Any]) -> None:
    svd = svd_of(**shape, method=method, compute="usv")
    for _ in range(2):
        assert judged(svd).wrong is None
    for change in (with_a_column_of_u_scaled, with_a_row_of_v_turned, without_the_last):
        assert judged(svd, change).wrong


@pytest.mark.parametrize("shape", [SMALL, FAT], ids=["tall", "fat"])
@pytest.mark.parametrize(
    "change", [with_a_column_of_u_scaled, with_a_row_of_v_turned, without_the_last]
)
def test_wrong_vectors_of_numpy_are_told(
    change: Callable[[Answer], Answer], shape: dict[str, Any]
) -> None:
    svd = svd_of(**shape, compute="usv")
    [answer] = looped(svd)
    assert svd.account([answer], COMPUTE).wrong is None
    assert svd.account([change(answer)], COMPUTE).wrong


@pytest.mark.parametrize("condition", [1e6, 1e12, 1e15])
def test_each_value_is_judged_by_what_can_be_known_of_it(condition: float) -> None:
    """Of the smallest, rounding leaves few digits or none; that excuses no other."""
    svd = svd_of(**SMALL, **SPECTRUM, condition=condition)
    first, last = (np.where(np.arange(10) == i, 1 + 1e-11, 1.0) for i in (0, 9))
    wrong = judged(svd, with_s(lambda s: s * first)).wrong
    assert wrong == "relative error of s is 1e-11 for value 1 of 10, above 1e-12"
    assert judged(svd, with_s(lambda s: s * last)).wrong is None


# X


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


# The chunk rule


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
        ("100x10", "200x10", "chunks of 200x10 are larger than X of 100x10; choose up to 100x10"),
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


# The reference


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
