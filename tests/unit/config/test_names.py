"""Names of cases: each unlike all others, and no longer than that takes."""

import msgspec

from daskbench.model import Case, Side
from daskbench.stats.names import names_of
from tests.unit.builders import make_case, make_hardware_case, make_plan, make_suite, make_svd_case


def named(*suites: tuple[Case, ...]) -> list[str]:
    plan = make_plan(*(make_suite(*cases, name=f"s{n}") for n, cases in enumerate(suites)))
    return [*names_of(plan.cases).values()]


def test_where_places_differ_they_are_the_names() -> None:
    assert named((make_case("numpy"), make_case(workers=2))) == ["numpy", "threads × 2"]


def test_parameters_that_vary_are_told() -> None:
    cases = tuple(make_case(workers=2, n=n) for n in (10, 100))
    assert named(cases) == ["threads × 2 (n=10)", "threads × 2 (n=100)"]


def test_several_benchmarks_are_told_with_what_varies_in_each() -> None:
    names = named((make_case(workers=2),), (make_svd_case(workers=2), make_svd_case(method="svd")))
    assert names == [
        "threads × 2 (calc_mean)",
        "distributed × 2 (svd method=tsqr)",
        "distributed (svd method=svd)",
    ]


def test_what_the_machine_can_do_is_no_second_benchmark() -> None:
    cases = (make_svd_case(), make_hardware_case("dgemm"), make_hardware_case("memory"))
    assert named(cases) == [
        "distributed",
        "numpy, 1 BLAS thread (hardware probe=dgemm)",
        "numpy, 1 BLAS thread (hardware probe=memory)",
    ]


def test_the_same_in_two_suites_is_told_by_the_suite() -> None:
    assert named((make_case(),), (make_case(),)) == ["threads in s0", "threads in s1"]


def test_the_same_in_one_suite_has_a_number() -> None:
    assert named((make_case(), make_case())) == ["threads in s0 #1", "threads in s0 #2"]


def test_two_benchmarks_of_one_name_are_told_by_their_folders() -> None:
    cases = [msgspec.structs.replace(make_case(), benchmark=f"/{f}/b.py:B") for f in "ab"]
    assert named(tuple(cases)) == ["threads (/a/b.py:B)", "threads (/b/b.py:B)"]


def test_sides_are_told() -> None:
    cases = tuple(msgspec.structs.replace(make_case(), side=Side(name)) for name in "AB")
    assert named(cases) == ["A: threads", "B: threads"]
