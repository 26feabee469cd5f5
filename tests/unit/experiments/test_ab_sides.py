"""The sides of an A/B test: what each is, starts with, and takes along."""

import os
from pathlib import Path

import msgspec
import pytest

import daskbench
from daskbench.conductor.conduct import Conductor
from daskbench.lane import sampling
from daskbench.lane.probes.blas import BLAS_VARIABLES
from daskbench.lane.protocol import SHARED, Sampled
from daskbench.lane.sampling import Sampler
from daskbench.model import Case, Side
from daskbench.processes import bundle as bundle
from daskbench.processes.lanes import Lanes
from daskbench.processes.spawning import lane_environment
from tests.unit.builders import (
    make_case,
    make_plan,
    make_run,
    make_suite,
    opening,
)
from tests.unit.experiments.two_sides import SATURATION, A, B
from tests.unit.fakes import Clock, FakeLanes, FakeMachine
from tests.unit.test_architecture import imports_of


def on(side: Side, case: Case | None = None) -> Case:
    return msgspec.structs.replace(case or make_case(workers=2), side=side)


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


class Ticking:
    """A clock that goes on by a step each time that it is looked at."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def sample_of(monkeypatch: pytest.MonkeyPatch, slowdown: float) -> Sampled:
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
    assert slowed.wall_s - plain.wall_s == pytest.approx(100 * work, abs=1)


def test_a_sample_with_a_slowdown_is_otherwise_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slowed = sample_of(monkeypatch, 0.5)
    assert slowed.reason is None
    assert slowed.tasks_run == slowed.tasks_expected == 10


def test_what_travels_is_whole_and_needs_nothing_of_ours_that_does_not(tmp_path: Path) -> None:
    """Imported from where it went to, in a Python that finds no other daskbench."""
    packed = bundle.pack(tmp_path)
    assert {path.name for path in packed.iterdir()} == {"daskbench", "threadpoolctl.py"}
    source = Path(daskbench.__file__).parent
    files = [path.relative_to(source) for part in bundle.PARTS for path in walk(source / part)]
    there = [path.relative_to(packed / "daskbench") for path in walk(packed / "daskbench")]
    assert sorted(there) == sorted(files)
    there.remove(Path("__init__.py"))  # it imports what it names when that is used
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
        lane_environment(own, side, 1, tmp_path / "lane-1")["PYTHONPATH"] for side in (A, B, Side())
    )
    assert a == b == f"{tmp_path / 'bundle'}{os.pathsep}/mine"
    assert none == "/mine"


def test_references_are_apart_where_another_numpy_could_make_others(tmp_path: Path) -> None:
    other_path = Side("B", env={"PYTHONPATH": "/elsewhere"})
    found = [
        lane_environment({}, side, 1, tmp_path / "lane")[SHARED] for side in (A, B, other_path)
    ]
    assert found == [str(tmp_path), *[str(tmp_path / "references-B")] * 2]
    assert Path(found[1]).is_dir()
