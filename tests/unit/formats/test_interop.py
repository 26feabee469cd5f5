"""What other tools read, held against these tools."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyperf
import pytest
from click.testing import CliRunner
from pytest_benchmark.stats import Stats

from daskbench.cli import main
from daskbench.events import Event
from daskbench.experiments.report import Report
from daskbench.formats import FORMATS, INTEROP
from daskbench.formats.counted import counted
from daskbench.model import Plan
from tests.unit.builders import (
    NUMPY_S,
    PARAMETERS,
    RUN_ID,
    THREADS_S,
    make_case,
    make_hardware_case,
    make_invalid,
    make_lane,
    make_plan,
    make_report,
    make_run,
    make_sample,
    make_suite,
    make_svd_case,
    make_svd_suite,
    render_file,
    timed,
)

WHAT = "calc_mean n=100000 tasks=100 rng=legacy"
NAMES = [f"{WHAT} on numpy", f"{WHAT} on threads × 2"]
SCRIPTS = Path(sysconfig.get_path("scripts"))
PYPERF = (sys.executable, "-m", "pyperf")
PYTEST_BENCHMARK = (str(SCRIPTS / "pytest-benchmark"), "--storage", "file://none", "compare")

Values = Callable[[Any], dict[str, list[float]]]


def exported(name: str, report: Report) -> Any:
    return json.loads(render_file(name, report))


def write(path: Path, name: str, report: Report) -> Path:
    path.write_text(render_file(name, report), encoding="utf-8")
    return path


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def of_pyperf(document: Any) -> dict[str, list[float]]:
    return {
        bench["metadata"]["name"]: [value for run in bench["runs"] for value in run["values"]]
        for bench in document["benchmarks"]
    }


def of_pytest_benchmark(document: Any) -> dict[str, list[float]]:
    return {bench["name"]: bench["stats"]["data"] for bench in document["benchmarks"]}


def of_hyperfine(document: Any) -> dict[str, list[float]]:
    return {result["command"]: result["times"] for result in document["results"]}


EACH = pytest.mark.parametrize(
    ("name", "values"),
    [
        ("pyperf", of_pyperf),
        ("pytest_benchmark", of_pytest_benchmark),
        ("hyperfine", of_hyperfine),
    ],
)


@EACH
def test_values_are_seconds_per_loop_of_what_counts(
    tmp_path: Path, name: str, values: Values
) -> None:
    events: list[Event] = [
        make_sample(0, 0, 9.0, warmup=True),
        *timed(0, [0.1 * 8, 0.2 * 8, 0.3 * 8], loops=8),
        make_invalid(0, 4, 0.0001),
        make_sample(1, 1, 0.05),
    ]
    found = values(exported(name, make_report(tmp_path, events)))
    assert found == {
        NAMES[0]: pytest.approx([0.1, 0.2, 0.3], rel=1e-15),
        NAMES[1]: [0.05],
    }


@EACH
def test_cases_without_a_sample_that_counts_are_left_out(
    tmp_path: Path, name: str, values: Values
) -> None:
    events: list[Event] = [make_invalid(0, 1), make_sample(1, 0, 0.5, warmup=True)]
    report = make_report(tmp_path / "some", [*events, make_sample(1, 1, 0.1)])
    assert values(exported(name, report)) == {NAMES[1]: [0.1]}
    assert values(exported(name, make_report(tmp_path / "none", events))) == {}


def other_benchmark(plan: Plan) -> Plan:
    """The same plan for a user's benchmark, of which the path is no part of the name."""
    suites = tuple(
        msgspec.structs.replace(
            suite,
            cases=tuple(
                msgspec.structs.replace(case, benchmark=f"/home/{number}/total.py:Total")
                for number, case in enumerate(suite.cases)
            ),
        )
        for suite in plan.suites
    )
    return msgspec.structs.replace(plan, suites=suites)


@pytest.mark.parametrize(
    "plan",
    [
        make_plan(make_suite(name="one"), make_suite(name="two")),
        make_plan(make_svd_suite(make_svd_case(), make_svd_case(method="gram"))),
        make_plan(make_suite(make_case(workers=1), make_case(workers=2))),
        make_plan(make_suite(make_case("distributed", 2, 1), make_case("distributed", 2, 2))),
        make_plan(make_suite(make_hardware_case(), make_hardware_case("triad"))),
        other_benchmark(make_plan(make_suite(make_case(), make_case()))),
    ],
)
def test_names_are_unique(tmp_path: Path, plan: Plan) -> None:
    events = [make_sample(number) for number, _, _ in plan.cases]
    names = [one.name for one in counted(make_report(tmp_path, events, plan).document)]
    assert len(set(names)) == len(names) == len(plan.cases)


def test_a_name_tells_the_suite_only_where_it_must(tmp_path: Path) -> None:
    plan = make_plan(
        make_suite(make_case("numpy"), name="one"),
        make_suite(make_case("numpy"), make_case(workers=2), name="two"),
    )
    report = make_report(tmp_path, [make_sample(number) for number in range(3)], plan)
    assert [one.name for one in counted(report.document)] == [
        f"{NAMES[0]} in one",
        f"{NAMES[0]} in two",
        NAMES[1],
    ]


def test_a_name_is_the_same_whatever_else_is_measured_beside_it(tmp_path: Path) -> None:
    alone = make_plan(make_svd_suite(make_svd_case(workers=2, method="gram")))
    beside = make_plan(
        make_svd_suite(make_svd_case(workers=2), make_svd_case(workers=2, method="gram"))
    )
    one = counted(make_report(tmp_path / "alone", [make_sample(0)], alone).document)
    two = counted(
        make_report(tmp_path / "beside", [make_sample(0), make_sample(1)], beside).document
    )
    assert (
        one[0].name == two[1].name == "svd shape=200x10 chunks=50x10 method=gram on distributed × 2"
    )


def test_a_name_is_one_line(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy", rng="one\ntwo ")))
    report = make_report(tmp_path, [make_sample()], plan)
    suite = pyperf.BenchmarkSuite.loads(render_file("pyperf", report))
    assert suite.get_benchmark_names() == ["calc_mean n=100000 tasks=100 rng=one two on numpy"]


@EACH
def test_the_run_is_no_part_of_a_name(tmp_path: Path, name: str, values: Values) -> None:
    one = values(exported(name, make_report(tmp_path, run_id="20261123-a")))
    two = values(exported(name, make_report(tmp_path, run_id="20261124-b")))
    assert list(one) == list(two) == NAMES


def test_no_format_of_stdout_is_one_of_them() -> None:
    assert not INTEROP.keys() & FORMATS.keys()


# pyperf


def test_pyperf_reads_back_what_was_measured(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(0, 0, 0.5, warmup=True),
        make_sample(0, 0, 1.6, warmup=True, loops=4),
        make_invalid(0, 0, warmup=True),
        *timed(0, [0.4, 0.8], loops=4),
        *timed(0, [1.2], loops=4, launch=1),
        *timed(0, [0.9], loops=2, launch=1, session=1),
        *timed(1, THREADS_S),
    ]
    suite = pyperf.BenchmarkSuite.loads(render_file("pyperf", make_report(tmp_path, events)))
    assert suite.get_benchmark_names() == NAMES
    numpy, threads = suite.get_benchmarks()
    assert [run.values for run in numpy.get_runs()] == [(0.1, 0.2), (0.3,), (0.45,)]
    assert [run.get_loops() for run in numpy.get_runs()] == [4, 4, 2]
    assert [run.warmups for run in numpy.get_runs()] == [((1, 0.5), (4, 0.4)), (), ()]
    assert threads.get_values() == THREADS_S
    assert {run.get_loops() for run in threads.get_runs()} == {1}
    assert threads.get_unit() == "second"


def test_pyperf_is_told_where_and_when(tmp_path: Path) -> None:
    report = make_report(tmp_path, platform="", cpu="a \n processor")
    known = pyperf.BenchmarkSuite.loads(render_file("pyperf", report)).get_metadata()
    assert known == {
        "unit": "second",
        "date": "2026-11-23 10:15:00",
        "hostname": "here",
        "cpu_model_name": "a processor",
        "cpu_count": 4,
        "python_version": "3.11.9",
        "dask_version": "2026.8.0",
        "loops": 1,
    }


def test_pyperf_writes_again_what_it_read(tmp_path: Path) -> None:
    """What it dumps of ours is what we wrote: nothing is missing, nothing is elsewhere."""
    path = write(tmp_path / "run.json", "pyperf", make_report(tmp_path))
    pyperf.BenchmarkSuite.load(str(path)).dump(str(tmp_path / "again.json"))
    again = pyperf.BenchmarkSuite.load(str(tmp_path / "again.json"))
    ours = pyperf.BenchmarkSuite.load(str(path))
    assert again.get_metadata() == ours.get_metadata()
    assert [bench.get_values() for bench in again] == [NUMPY_S, THREADS_S]


@pytest.mark.parametrize("seconds", [NUMPY_S, NUMPY_S[:1]])
def test_the_commands_of_pyperf(tmp_path: Path, seconds: tuple[float, ...]) -> None:
    before: list[Event] = [*timed(0, seconds), *timed(1, seconds)]
    after: list[Event] = [*timed(0, seconds), *timed(1, [second / 2 for second in seconds])]
    write(tmp_path / "a.json", "pyperf", make_report(tmp_path / "a", before, run_id="a"))
    write(tmp_path / "b.json", "pyperf", make_report(tmp_path / "b", after, run_id="b"))
    stats = run(tmp_path, *PYPERF, "stats", "a.json")
    for name in NAMES:
        assert name in stats
    assert f"Total number of values: {len(seconds)}" in stats
    compared = run(tmp_path, *PYPERF, "compare_to", "a.json", "b.json")
    assert NAMES[1] in compared
    assert "2.00x faster" in compared
    assert NAMES[0] in run(tmp_path, *PYPERF, "show", "--metadata", "--dump", "a.json")


# pytest-benchmark


@pytest.mark.parametrize("count", range(1, 14))
def test_the_figures_are_those_of_pytest_benchmark(tmp_path: Path, count: int) -> None:
    seconds = [0.1 + 0.01 * ((7 * number) % 5) + (number == 9) for number in range(count)]
    (bench, *_) = exported("pytest_benchmark", make_report(tmp_path, timed(0, seconds)))[
        "benchmarks"
    ]
    stats = Stats()
    for second in seconds:
        stats.update(second)
    known = {**stats.as_dict(), "data": seconds, "iterations": 1}
    assert bench["stats"].keys() == known.keys()
    for name, value in known.items():
        assert bench["stats"][name] == (
            value if isinstance(value, str) else pytest.approx(value, rel=1e-12, abs=1e-15)
        ), name


def test_pytest_benchmark_groups_what_computes_the_same(tmp_path: Path) -> None:
    ways = make_svd_suite(make_svd_case("numpy"), make_svd_case(), make_svd_case(method="gram"))
    plan = make_plan(ways, make_suite())
    report = make_report(tmp_path, [make_sample(number) for number in range(5)], plan)
    benchmarks = exported("pytest_benchmark", report)["benchmarks"]
    assert [bench["group"] for bench in benchmarks] == ["svd shape=200x10"] * 3 + [WHAT] * 2
    assert benchmarks[4]["params"] == PARAMETERS | {
        "scheduler": "threads",
        "workers": 2,
        "threads_per_worker": None,
    }


def test_the_command_of_pytest_benchmark(tmp_path: Path) -> None:
    events: list[Event] = [make_lane(1, workers=2), make_sample(0), *timed(1, THREADS_S)]
    for run_id in ("before", "after"):
        report = make_report(tmp_path / run_id, events, run_id=run_id)
        write(tmp_path / f"{run_id}.json", "pytest_benchmark", report)
    one = run(tmp_path, *PYTEST_BENCHMARK, "before.json")
    assert f"benchmark {WHAT!r}: 2 tests" in one
    assert "50.0000" in one
    two = run(tmp_path, *PYTEST_BENCHMARK, "before.json", "after.json", "--between", "mean")
    assert "2 tests, 2 sources" in two
    assert "+0.0%" in two
    by = "param:scheduler"
    assert "scheduler=threads" in run(tmp_path, *PYTEST_BENCHMARK, "before.json", "--group-by", by)


# hyperfine


def test_hyperfine_has_deviation_and_cpu_only_where_they_are_known(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, [0.2, 0.4, 0.6], loops=2, cpu_s=0.5),
        make_sample(1, 1, 0.1),
    ]
    numpy, threads = exported("hyperfine", make_report(tmp_path, events))["results"]
    assert numpy == {
        "command": NAMES[0],
        "mean": pytest.approx(0.2),
        "stddev": pytest.approx(0.1),
        "median": 0.2,
        "user": 0.25,
        "system": 0.0,
        "min": 0.1,
        "max": 0.3,
        "times": [0.1, 0.2, 0.3],
        "exit_codes": [0, 0, 0],
        "parameters": {"n": "100000", "tasks": "100", "rng": "legacy"},
    }
    assert (threads["stddev"], threads["user"], threads["system"]) == (None, None, None)


# the command


def test_export_writes_them_all(runner: CliRunner, here: Path) -> None:
    make_run(here / ".daskbench")
    files = ["--pyperf", "a.json", "--pytest-benchmark", "b.json", "--hyperfine", "c.json"]
    result = runner.invoke(main, ["export", *files])
    assert (result.exit_code, result.stdout) == (0, "")
    assert list(of_pyperf(json.loads((here / "a.json").read_text()))) == NAMES
    assert list(of_pytest_benchmark(json.loads((here / "b.json").read_text()))) == NAMES
    assert list(of_hyperfine(json.loads((here / "c.json").read_text()))) == NAMES
    again = runner.invoke(main, ["export", *files])
    assert (again.exit_code, "a.json exists" in again.stderr) == (2, True)
    assert runner.invoke(main, ["export", *files, "--force"]).exit_code == 0
    shown = runner.invoke(main, ["export", "--hyperfine", "-"])
    assert shown.stdout == (here / "c.json").read_text()


@pytest.mark.parametrize("name", ["pyperf", "pytest-benchmark", "hyperfine"])
def test_a_run_without_a_sample_that_counts_is_refused(
    runner: CliRunner, here: Path, name: str
) -> None:
    make_run(here / ".daskbench", [make_invalid(), make_sample(1, 0, warmup=True)])
    result = runner.invoke(main, ["export", f"--{name}", "x.json", "--csv", "x.csv"])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"Error: nothing to write to x.json: run {RUN_ID} has no valid sample"
    ]
    assert sorted(path.name for path in here.iterdir()) == [".daskbench"]


@pytest.mark.parametrize("name", ["pyperf", "pytest-benchmark", "hyperfine"])
def test_what_measures_has_no_such_option(runner: CliRunner, here: Path, name: str) -> None:
    result = runner.invoke(main, ["schedulers", f"--{name}", "x.json"])
    assert result.exit_code == 2
    assert "No such option" in result.stderr
