"""Two sides in one run: what they are, what their lanes start with, and what is refused."""

import json
import os
import platform
import re
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import daskbench
from daskbench import interpreters
from daskbench.cli import main, session
from daskbench.conductor.conduct import Conductor
from daskbench.config import check_shared, make_sides, on_both
from daskbench.errors import UsageError
from daskbench.lane import sampling
from daskbench.lane.protocol import SHARED
from daskbench.lane.sampling import Sampler
from daskbench.model import Case, Side, what_differs
from daskbench.processes import bundle as bundle
from daskbench.processes.lanes import Lanes
from daskbench.processes.spawning import BLAS_VARIABLES, surroundings
from daskbench.secrecy import keyed
from tests.unit.builders import (
    make_case,
    make_plan,
    make_report,
    make_run,
    make_suite,
    opening,
    render,
    timed,
)
from tests.unit.fakes import Clock, FakeLanes, FakeMachine
from tests.unit.test_architecture import imports_of

Two = tuple[tuple[str, ...], tuple[str, ...]]
SATURATION = "distributed.scheduler.worker-saturation"
A = Side("A", config={SATURATION: "1.1"})
B = Side("B", python="/b/bin/python", env={"OMP_NUM_THREADS": "2"}, slowdown=0.05)


def on(side: Side, case: Case | None = None) -> Case:
    return msgspec.structs.replace(case or make_case(workers=2), side=side)


# What a side is


def test_a_case_names_its_side() -> None:
    assert on(A).place == "A: threads × 2"
    assert make_case(workers=2).place == "threads × 2"


def test_a_side_says_what_is_special_of_it() -> None:
    assert str(Side("A")) == ""
    assert str(A) == f"{SATURATION}=1.1"
    assert str(B) == "/b/bin/python, OMP_NUM_THREADS=2, 5% slower"


def test_sides_are_read_from_a_journal_as_they_were_written(tmp_path: Path) -> None:
    cases = (on(A), on(B), make_case("numpy"))
    run = make_run(tmp_path, [], make_plan(make_suite(*cases)))
    assert tuple(case for _, _, case in run.cases) == cases


def test_a_case_without_sides_is_written_as_before() -> None:
    assert "side" not in msgspec.to_builtins(make_case())


def test_configuration_goes_through_the_environment_as_dask_reads_it() -> None:
    assert A.variables == {"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.1"}


# What its lanes start with


def test_lanes_are_started_in_their_side_and_told_of_the_slowdown_alone() -> None:
    lanes = FakeLanes(Clock())
    plan = make_plan(make_suite(on(A), on(B), rounds=1, warmup=0))
    clock = lanes.clock
    list(Conductor(plan, lanes, clock=clock, machine=FakeMachine(), tick=lambda: None).run())
    assert [lane.side for lane in lanes.all] == [A, B]
    openings = [lane.asked[0] for lane in lanes.all]
    assert [opening.get("slowdown") for opening in openings] == [0.0, 0.05]
    assert not any("side" in opening for opening in openings)


def started(tmp_path: Path, side: Side, blas_threads: int | None = 1) -> dict[str, str]:
    """Start a lane whose interpreter only writes down what it was started with."""
    printer = tmp_path / "python"
    printer.write_text('#!/bin/sh\necho "ARGUMENTS=$*"\nenv\n')
    printer.chmod(0o755)
    own = {"OMP_NUM_THREADS": "7", "PATH": os.defpath}
    with Lanes(tmp_path, own) as lanes:
        lane = lanes.start(blas_threads, msgspec.structs.replace(side, python=str(printer)))
        lane._process.wait(10)
        lines = lane._log.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


def test_a_lane_has_the_interpreter_and_the_configuration_of_its_side(tmp_path: Path) -> None:
    found = started(tmp_path, A)
    assert found["ARGUMENTS"] == "-P -m daskbench.lane"
    assert found["DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION"] == "1.1"
    assert {found[name] for name in BLAS_VARIABLES} == {"1"}


def test_variables_of_a_side_go_before_ours_but_not_before_what_the_lane_needs(
    tmp_path: Path,
) -> None:
    hostile = {"OMP_NUM_THREADS": "2", "TMPDIR": "/", "DASKBENCH_LANE_PIPES": "0,1"}
    found = started(tmp_path, Side("B", env=hostile))
    assert found["OMP_NUM_THREADS"] == "2"
    assert found["MKL_NUM_THREADS"] == "1"
    assert found["TMPDIR"].startswith(str(tmp_path / "daskbench-"))
    assert found["DASKBENCH_LANE_PIPES"] != "0,1"


# The slow-down that is injected


class Ticking:
    """A clock that goes on by a step each time that it is looked at."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def sample_of(monkeypatch: pytest.MonkeyPatch, slowdown: float) -> dict[str, float]:
    case = {
        "benchmark": "calc_mean",
        "scheduler": "numpy",
        "parameters": {"n": 10, "tasks": 10, "rng": "generator"},
        "seed": 0,
        "blas_threads": 1,
        "cluster": {},
        "slowdown": slowdown,
    }
    sampler = Sampler.open(opening(**case))
    monkeypatch.setattr(sampling, "perf_counter", Ticking(1.0))
    return sampler.sample(1)


def test_a_slowdown_makes_a_sample_so_much_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, slowed = (sample_of(monkeypatch, slowdown) for slowdown in (0.0, 100.0))
    work = 2  # steps, to build and to compute, and at most one more until it is looked at again
    assert slowed["wall_s"] - plain["wall_s"] == pytest.approx(100 * work, abs=1)


def test_a_sample_with_a_slowdown_is_otherwise_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slowed = sample_of(monkeypatch, 0.5)
    assert slowed["reason"] is None
    assert slowed["tasks_run"] == slowed["tasks_expected"] == 10


# Code that travels


def test_what_travels_is_whole_and_needs_nothing_of_ours_that_does_not(tmp_path: Path) -> None:
    """Imported from where it went to, in a Python that finds no other daskbench."""
    packed = bundle.pack(tmp_path)
    assert {path.name for path in packed.iterdir()} == {"daskbench", "threadpoolctl.py"}
    source = Path(daskbench.__file__).parent
    files = [path.relative_to(source) for part in bundle.PARTS for path in walk(source / part)]
    there = [path.relative_to(packed / "daskbench") for path in walk(packed / "daskbench")]
    assert sorted(there) == sorted(files)
    for path in there:
        for module in imports_of(packed / "daskbench" / path):
            top, _, rest = module.partition(".")
            if top == "daskbench" and rest:
                assert rest.partition(".")[0] in {name.partition(".")[0] for name in bundle.PARTS}


def walk(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def test_code_travels_once(tmp_path: Path) -> None:
    packed = bundle.pack(tmp_path)
    (packed / "mark").touch()
    assert (bundle.pack(tmp_path) / "mark").exists()


def test_what_was_packed_by_half_is_packed_again(tmp_path: Path) -> None:
    (tmp_path / "bundle-packing" / "daskbench").mkdir(parents=True)
    assert (bundle.pack(tmp_path) / "daskbench" / "lane" / "loop.py").exists()


def test_both_sides_have_the_same_code_and_a_lane_without_side_our_own(tmp_path: Path) -> None:
    own = {"PYTHONPATH": "/mine"}
    for name in ("lane-1", "lane-2"):
        (tmp_path / name).mkdir()
    a, b, none = (
        surroundings(own, side, 1, tmp_path / "lane-1")["PYTHONPATH"] for side in (A, B, Side())
    )
    assert a == b == f"{tmp_path / 'bundle'}{os.pathsep}/mine"
    assert none == "/mine"


def test_references_are_apart_where_another_numpy_could_make_others(tmp_path: Path) -> None:
    other_path = Side("B", env={"PYTHONPATH": "/elsewhere"})
    found = [surroundings({}, side, 1, tmp_path / "lane")[SHARED] for side in (A, B, other_path)]
    assert found == [str(tmp_path), *[str(tmp_path / "references-B")] * 2]
    assert Path(found[1]).is_dir()


# What is given for each side


def sides(*pythons: str, env: Two = ((), ()), config: Two = ((), ())) -> tuple[Side, Side]:
    return make_sides(pythons, env, config, keyed(b"of the tests"))


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An interpreter that is a link, as that of a virtual environment is."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    link = tmp_path / "venv" / "bin" / "python"
    link.symlink_to(sys.executable)
    return link


def test_two_interpreters_are_a_and_b_and_one_is_b(venv: Path) -> None:
    assert [side.python for side in sides(sys.executable, str(venv))] == [sys.executable, str(venv)]
    assert [side.python for side in sides(str(venv))] == [None, str(venv)]


def test_an_interpreter_is_named_whole_but_a_link_is_not_followed(
    venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(venv.parent)
    assert sides("./python")[1].python == str(venv)


def test_variables_and_configuration_are_pairs() -> None:
    a, b = sides(env=(("X=1=2", "Y="), ()), config=((), (f"{SATURATION}=inf",)))
    assert (a.env, a.config) == ({"X": "1=2", "Y": ""}, {})
    assert (b.env, b.config) == ({}, {SATURATION: "inf"})


@pytest.mark.parametrize(
    ("env", "config", "message"),
    [
        ((), (), "A and B are the same"),
        (("X",), (), "--env-b X: write KEY=VALUE"),
        (("=1",), (), "write KEY=VALUE"),
        (("X=1", "X=2"), (), "--env-b is given twice for X"),
        (("1X=1",), (), "not a valid name of a variable"),
        (("DASKBENCH_SHARED=/",), (), "daskbench and its lanes"),
        (("TMPDIR=/",), (), "its own temporary folder"),
        (("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL=9",), (), "frozen workers send no heartbeats"),
        ((), ("temporary-directory=/",), "its own temporary folder"),
        ((), ("distributed.scheduler.worker_ttl=9",), "frozen workers send no heartbeats"),
        ((), ("distributed.nanny.environ.OMP_NUM_THREADS=1",), "use --env-b NAME=VALUE"),
    ],
)
def test_what_a_side_cannot_have_is_refused(
    env: tuple[str, ...], config: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        sides(env=((), env), config=((), config))


def test_an_interpreter_that_cannot_be_is_refused(tmp_path: Path, venv: Path) -> None:
    (tmp_path / "text").write_text("")
    for python, message in {
        str(tmp_path / "none"): "does not exist",
        str(tmp_path / "text"): "is not executable",
        str(tmp_path / "venv"): f"is a folder; did you mean {venv}?",
        str(tmp_path): "is a folder",
    }.items():
        with pytest.raises(UsageError, match=re.escape(message)):
            sides(python)
    with pytest.raises(UsageError, match="given 3 times"):
        sides(*[str(venv)] * 3)
    with pytest.raises(UsageError, match="A and B are the same"):
        sides(sys.executable)


def test_a_threshold_is_given_for_both_sides_or_for_one() -> None:
    both = sides(config=((), ("distributed.worker.memory.spill=0.5",)))
    check_shared(both, {"target": 0.5})
    with pytest.raises(UsageError, match="--spill applies to both sides"):
        check_shared(both, {"spill": 0.5})


# What an interpreter has


def answering(tmp_path: Path, script: str) -> Side:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return Side("B", str(python))


HAS = {"python": "3.12.1", "numpy": "2.1.0", "dask": "2025.1.0", "distributed": "2025.1.0"}


def found(broken: dict[str, str] | None = None, **versions: str) -> interpreters.Found:
    have = {name: version for name, version in {**HAS, **versions}.items() if version}
    return interpreters.Found(have, broken or {}, (SATURATION, "distributed.worker.memory.spill"))


def test_the_own_interpreter_tells_what_it_has() -> None:
    told = interpreters.look(Side("A", env={"DASK_FOO": "1"}))
    assert told.versions["python"] == platform.python_version()
    assert set(told.versions) == set(HAS)
    assert not told.broken
    assert SATURATION in told.keys
    assert "foo" not in told.keys
    interpreters.check(A, told, needs_distributed=True)


def test_an_interpreter_is_asked_in_the_environment_of_its_side(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("__version__ = '9.9'")
    told = interpreters.look(Side("A", env={"PYTHONPATH": str(tmp_path)}))
    assert told.versions["numpy"] == "9.9"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 0", "can't be used as Python: it said nothing"),
        ("echo no >&2; exit 1", "can't be used as Python: no"),
        ("echo 1", "can't be used as Python: 1"),
        ("kill -9 $$", "it said nothing"),
    ],
)
def test_what_is_no_python_is_refused(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        interpreters.look(answering(tmp_path, script))


def test_what_cannot_be_run_or_never_answers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="can't be run: No such file"):
        interpreters.look(Side("B", str(tmp_path / "none")))
    monkeypatch.setattr(interpreters, "_PATIENCE_S", 0.05)
    with pytest.raises(UsageError, match=r"within 0\.05 s"):
        interpreters.look(answering(tmp_path, "exec sleep 100"))


NO_MODULE = "ModuleNotFoundError: No module named '{}'"


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            found({"dask": NO_MODULE.format("dask")}),
            "has no dask; try /b/bin/python -m pip install",
        ),
        (found({"numpy": NO_MODULE.format("numpy")}), "has no numpy"),
        (found({"distributed": NO_MODULE.format("distributed")}), "has no distributed"),
        (found({"dask": NO_MODULE.format("yaml")}), "can't import dask: Module"),
        (found(dask="2024.12.1"), "has dask 2024.12.1, and lanes need 2025.1 or newer"),
        (found(python="3.10.13"), "has python 3.10.13, and lanes need 3.11"),
        (found(numpy="1.25.2"), "has numpy 1.25.2"),
    ],
)
def test_an_interpreter_on_which_lanes_cannot_run_is_refused(
    told: interpreters.Found, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(f"B (/b/bin/python) {message}")):
        interpreters.check(B, told, needs_distributed=True)


def test_distributed_is_needed_for_distributed_alone() -> None:
    lacking = found({"distributed": NO_MODULE.format("distributed")}, distributed="")
    interpreters.check(B, lacking, needs_distributed=False)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("distributed.scheduler.worker-saturatio", f"did you mean '{SATURATION}'?"),
        ("worker-saturation", f"did you mean '{SATURATION}'?"),
        ("distributed.worker.memory", "did you mean 'distributed.worker.memory.spill'?"),
        ("x", "configuration.html lists them"),
    ],
)
def test_keys_that_dask_does_not_know_are_refused_with_the_nearest(key: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"^--config-a {key}: dask .*{re.escape(hint)}$"):
        interpreters.check(Side("A", config={key: "1"}), found(), needs_distributed=True)


def test_a_key_may_be_written_with_underscores() -> None:
    key = SATURATION.replace("-", "_")
    interpreters.check(Side("A", config={key: "1"}), found(), needs_distributed=True)


def test_versions_that_changed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "look", lambda side: found(dask="2026.8.0", numpy=""))
    assert interpreters.changes(Side("B", versions=HAS)) == [
        "numpy of B was 2.1.0, is missing",
        "dask of B was 2025.1.0, is 2026.8.0",
    ]
    assert interpreters.changes(Side("B")) == []


# The plan, and how it is shown


def test_every_case_is_on_both_sides_one_beside_the_other() -> None:
    suite = on_both(make_suite(make_case("numpy"), make_case(workers=2)), (A, B))
    assert [case.place for case in suite.cases] == [
        *("A: numpy", "B: numpy", "A: threads × 2", "B: threads × 2")
    ]
    assert suite.sides == make_plan(suite).sides == [A, B]


def test_what_differs_is_versions_and_what_was_asked_for() -> None:
    own = Side("A", versions=HAS)
    other = Side("B", "/b/bin/python", versions={**HAS, "dask": "2026.8.0"})
    assert what_differs([own, other]) == [
        "A: dask 2025.1.0",
        "B: dask 2026.8.0",
    ]
    assert what_differs([own, Side("B", env={"X": "1"}, versions=HAS)]) == [
        "A: as daskbench itself",
        "B: X=1",
    ]
    assert what_differs([]) == []


def test_b_is_compared_with_a_at_the_same_place(tmp_path: Path) -> None:
    suite = on_both(make_suite(make_case("numpy"), make_case(workers=2)), (A, B))
    seconds = ((0.1, 0.1, 0.1), (0.2, 0.2, 0.2), (0.3, 0.3, 0.3), (0.9, 0.9, 0.9))
    events = [event for number, s in enumerate(seconds) for event in timed(number, s)]
    report = make_report(tmp_path, events, make_plan(suite))
    ratios = [[row.ratio.value for row in group.results if row.ratio] for group in report.groups]
    assert ratios == [[1, pytest.approx(2)], [1, pytest.approx(3)]]
    labels = [[row.label for row in group.results] for group in report.groups]
    assert labels == [["A: numpy", "B: numpy"], ["A: threads × 2", "B: threads × 2"]]
    rows = json.loads(render("json", report))["cases"]
    assert [row["side"] for row in rows] == ["A", "B", "A", "B"]
    assert f"{SATURATION}=1.1" in " ".join(render("table", report).split())


# The command


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> FakeLanes:
    fakes = FakeLanes(Clock(), {"A: threads-2": 0.5})
    monkeypatch.setattr(session, "Lanes", lambda folder: fakes)
    monkeypatch.setattr(session, "monotonic", fakes.clock)
    monkeypatch.setattr(session, "ThisMachine", FakeMachine)
    monkeypatch.setattr(interpreters, "look", lambda side: found())
    return fakes


def test_the_command_measures_each_case_on_both_sides(
    here: Path, runner: CliRunner, lanes: FakeLanes
) -> None:
    command = ["ab", "--env-b", "X=1", "--workers", "2", "--rounds", "2", "--launches", "2"]
    result = runner.invoke(main, command)
    assert result.exit_code == 0, result.output
    assert [lane.side.name for lane in lanes.all] == ["A", "B"] * 2
    assert [lane.side.env for lane in lanes.all] == [{}, {"X": "1"}] * 2
    assert {lane.case["scheduler"] for lane in lanes.all} == {"distributed"}
    assert "A: as daskbench itself\nB: X=1" in result.stderr
    assert "A as daskbench itself, B X=1 (in the same rounds)" in " ".join(result.stdout.split())


def test_a_run_of_two_sides_whose_versions_changed_is_not_resumed(
    here: Path, runner: CliRunner, lanes: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.invoke(main, ["ab", "--env-b", "X=1", "--rounds", "2", "--launches", "1"])
    (journal,) = (here / ".daskbench").glob("*.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-4]))
    monkeypatch.setattr(interpreters, "look", lambda side: found(dask="2026.8.0"))
    result = runner.invoke(main, ["resume"])
    assert result.exit_code == 2
    assert "dask of A was 2025.1.0, is 2026.8.0" in result.stderr


@pytest.mark.parametrize("option", ["--address", "--scheduler-file", "--tls-ca"])
def test_a_cluster_that_is_there_has_no_sides(here: Path, runner: CliRunner, option: str) -> None:
    result = runner.invoke(main, ["ab", "--env-b", "X=1", option, "tcp://there:1"])
    assert result.exit_code == 2
    assert f"{option}: the workers of an existing cluster" in result.stderr


def test_nothing_is_asked_of_an_interpreter_where_the_plan_is_wrong(
    here: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(interpreters, "look")
    result = runner.invoke(main, ["ab", "--env-b", "X=1", "--workers", "1000000"])
    assert result.exit_code == 2
    assert "too many" in result.stderr
