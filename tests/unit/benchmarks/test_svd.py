"""The decompositions: right answers, wrong ones, and what is said of the method."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from daskbench.benchmarks.linalg.decompositions import METHODS
from daskbench.lane.sampling import Sampler
from tests.unit.benchmarks.decomposing import (
    COMPUTE,
    SMALL,
    Answer,
    computed,
    judged,
    looped,
    parameters_of,
    svd_of,
)
from tests.unit.builders import opening

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
FAT: dict[str, Any] = {"shape": "10x200", "chunks": "10x50"}
SPECTRUM: dict[str, Any] = {"distribution": "spectrum"}


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread() -> Iterator[None]:
    """More would only wait for each other on matrices as small as these."""
    with threadpool_limits(1):
        yield


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
        assert sample.reason is None
        assert sample.tasks_run == sample.tasks_expected > 0


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
    assert three.reason is None
    assert (three.flops, three.note) == (one.flops, one.note)


@pytest.mark.parametrize(("compute", "condition"), [("s", 1e6), ("usv", 1e6), ("s", 1e12)])
def test_gram_goes_over_where_it_would_lose_too_much_and_says_so(
    compute: str, condition: float
) -> None:
    svd = svd_of(**SMALL, **SPECTRUM, method="gram", compute=compute, condition=condition)
    account = judged(svd)
    assert account.wrong is None
    assert re.match(
        r"gram would lose eps\*cond\^2 = .*, so cholesky-qr2 was used instead; X has condition",
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
