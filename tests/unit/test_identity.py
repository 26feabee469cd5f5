"""What acted in a lane: how it is found, and how what differs is told."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from daskbench.conductor.sameness import Sameness
from daskbench.events import Identity, Setting
from daskbench.identity import changes, inherited, source_changes
from daskbench.lane.probes import configuration
from daskbench.processes.talk import LaneError
from daskbench.secrecy import keyed

from .builders import make_case, make_plan, make_suite

FORK = Setting("fork", "/home/me/dask/mine.yaml", "spawn")
ASK = """
import json, sys
from dataclasses import asdict
from daskbench.lane.probes.identity import IdentityProbe
print(json.dumps(asdict(IdentityProbe(sys.argv[1], "00").tell())))
"""


def asked(
    *switches: str, benchmark: str = "calc_mean", script: str = ASK, **variables: str
) -> dict[str, Any]:
    """What a Python says of itself that is started with these switches and variables."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DASK")}
    done = subprocess.run(
        [sys.executable, *switches, "-P", "-c", script, benchmark],
        env=own | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_plain_lane_has_nothing_to_tell() -> None:
    found = asked()
    assert found["config"] == {}
    assert found["at_run_time"] == {}
    assert found["switches"] == {"implementation": "cpython", "hash seed": "random"}
    assert [*found["source"]] == ["calc_mean.py"]


def test_what_a_users_files_and_variables_configure_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "multiprocessing: {context: forkserver}\nnum_workers: 3\n"
        "distributed: {worker: {memory: {target: 0.6}}}\ngateway: {auth: {password: hunter2}}\n"
    )
    (tmp_path / "b.yaml").write_text("multiprocessing: {context: fork}\n")
    found = asked(
        DASK_CONFIG=str(tmp_path),
        DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION="inf",
        DASK_TEMPORARY_DIRECTORY=str(tmp_path),
    )["config"]
    assert found["multiprocessing.context"] == {
        "value": "fork",
        "source": str(tmp_path / "b.yaml"),
        "default": "spawn",
    }
    assert found["num_workers"] == {"value": "3", "source": str(tmp_path / "a.yaml")}
    saturation = next(one for key, one in found.items() if "saturation" in key)
    assert saturation["value"] == "inf"
    assert saturation["source"] == "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION"
    assert saturation["default"] == "1.1"
    assert "hunter2" not in json.dumps(found)
    assert found["gateway.auth.password"]["value"] == keyed(b"\0")("hunter2")
    assert not [key for key in found if "temporary" in key or "target" in key]


@pytest.mark.parametrize(
    ("switches", "variables", "told"),
    [
        (
            ["-X", "dev", "-X", "tracemalloc=1"],
            {},
            {"sys.flags.dev_mode": "True", "-X dev": "True", "tracemalloc": "on"},
        ),
        (["-OO"], {"PYTHONTRACEMALLOC": "1"}, {"sys.flags.optimize": "2", "tracemalloc": "on"}),
        (
            ["-W", "error"],
            {"PYTHONHASHSEED": "0"},
            {"-W": "error", "hash seed": "0", "sys.flags.hash_randomization": "0"},
        ),
    ],
)
def test_switches_are_told(
    switches: list[str], variables: Mapping[str, str], told: dict[str, str]
) -> None:
    found = asked(*switches, **variables)
    assert told.items() <= found["switches"].items()
    assert variables.items() <= found["variables"].items()


def test_what_code_sets_is_told_apart_from_what_a_lane_was_started_with() -> None:
    script = ASK.replace(
        "print(",
        "import os, dask; found = IdentityProbe(sys.argv[1], '00')\n"
        "os.environ['OMP_NUM_THREADS'] = '7'\n"
        "sys.setprofile(lambda *_: None); dask.config.set({'optimization.fuse.active': True})\n"
        "told = found.tell(); sys.setprofile(None)\nprint(",
    ).replace('IdentityProbe(sys.argv[1], "00").tell()', "told")
    found = asked(script=script, OMP_NUM_THREADS="1")
    assert found["variables"]["OMP_NUM_THREADS"] == "1"
    assert found["at_run_time"] == {"OMP_NUM_THREADS": "7", "profile function": "on"}
    assert found["config"]["optimization.fuse.active"]["source"] == "set at run time"


def test_the_files_of_a_benchmark_are_told_and_no_installed_ones(tmp_path: Path) -> None:
    library, project = tmp_path / "library", tmp_path / "project"
    for folder in (library, project / "inside"):
        folder.mkdir(parents=True)
    (library / "shared.py").write_text("one = 1\n")
    (project / "inside" / "part.py").write_text("two = 2\n")
    (project / "mine.py").write_text("import numpy, shared\nimport inside.part\n")
    script = ASK.replace(
        "print(",
        "sys.path.append(sys.argv[1].rpartition('/')[0])\n"
        "import runpy; runpy.run_path(sys.argv[1].rpartition(':')[0])\nprint(",
    )
    found = asked(benchmark=f"{project}/mine.py:Mine", script=script, PYTHONPATH=str(library))[
        "source"
    ]
    assert [*found] == ["mine.py", str(library / "shared.py"), "inside/part.py"]
    assert len({*found.values()}) == 3


# What differs


@pytest.mark.parametrize(
    ("one", "two", "line"),
    [
        (
            Identity(),
            Identity(config={"multiprocessing.context": FORK}),
            "multiprocessing.context: spawn -> fork, from mine.yaml",
        ),
        (
            Identity(config={"multiprocessing.context": FORK}),
            Identity(),
            "multiprocessing.context: fork, from mine.yaml -> spawn",
        ),
        (
            Identity(config={"num_workers": Setting("3", "a.yaml")}),
            Identity(config={"num_workers": Setting("4", "b.yaml")}),
            "num_workers: 3, from a.yaml -> 4, from b.yaml",
        ),
        (
            Identity(variables={"PYTHONTRACEMALLOC": "5"}),
            Identity(),
            "PYTHONTRACEMALLOC: 5 -> unset",
        ),
        (Identity(), Identity(switches={"tracemalloc": "on"}), "tracemalloc: off -> on"),
        (
            Identity(source={"mine.py": "0123456789abcdef"}),
            Identity(source={"mine.py": "fedcba9876543210"}),
            "source of mine.py 01234567 -> fedcba98",
        ),
        (
            Identity(elsewhere={"workers": Identity()}),
            Identity(elsewhere={"workers": Identity(variables={"LD_PRELOAD": "x.so"})}),
            "on the workers of the cluster: LD_PRELOAD: unset -> x.so",
        ),
        (
            Identity(variables={"MKL_KEY": keyed(b"a")("x")}),
            Identity(variables={"MKL_KEY": keyed(b"b")("x")}),
            "MKL_KEY: secrets of two users or machines, which can't be compared",
        ),
    ],
)
def test_a_difference_is_named(one: Identity, two: Identity, line: str) -> None:
    assert changes(one, two) == [line]
    assert changes(one, one) == []


def test_where_a_value_is_from_is_no_difference_and_neither_is_what_is_known() -> None:
    moved = Setting("fork", "elsewhere.yaml", "spawn")
    one, two = (Identity(config={"multiprocessing.context": s}) for s in (FORK, moved))
    assert changes(one, two) == []
    assert changes(Identity(), one, known=["multiprocessing.context"]) == []
    two = Identity(variables={"MALLOC_ARENA_MAX": "2"})
    assert changes(Identity(), two, known=["MALLOC_ARENA_MAX"]) == []


def test_only_common_files_are_compared_where_that_is_asked() -> None:
    one, two = {"a.py": "1", "b.py": "2"}, {"a.py": "1", "c.py": "3"}
    assert source_changes(one, two, common=True) == []
    assert source_changes(one, two) == [
        "source of b.py 2 -> not imported",
        "source of c.py not imported -> 3",
    ]


def test_what_is_inherited_is_without_what_code_set() -> None:
    found = Identity(
        config={"pool": Setting("Pool", "set at run time"), "a": FORK},
        variables={"PYTHONPATH": "x"},
        at_run_time={"OMP_NUM_THREADS": "1"},
        source={"a.py": "1"},
    )
    assert inherited(found) == Identity(config={"a": FORK}, variables={"PYTHONPATH": "x"})


# Lanes of one run


def test_a_lane_that_is_not_what_it_was_gives_no_samples() -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case(workers=2)))
    one, other = Identity(source={"mine.py": "1"}), Identity(source={"mine.py": "2"})
    sameness = Sameness(plan, {0: one})
    sameness.check(0, one)
    sameness.check(0, None)
    with pytest.raises(LaneError, match=r"changed since .* source of mine.py 1 -> 2"):
        sameness.check(0, other)
    with pytest.raises(LaneError, match=r"lanes beside it .* source of mine.py 1 -> 2"):
        sameness.check(1, other)
    sameness.check(1, one)
    with pytest.raises(LaneError, match="tracemalloc"):
        sameness.check(1, Identity(source=one.source, switches={"tracemalloc": "on"}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("distributed: 5", "sets 'distributed' to 5, but it is a section of keys"),
        ("distributed: {worker: {memory: [1]}}", "sets 'distributed.worker.memory' to [1]"),
        ("distributed: {worker: {}}", None),
        ("distributed: {worker: {memory: {spill: 0.5}}}", None),
        ("mine: 5", None),
    ],
)
def test_a_value_in_the_place_of_a_section_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str | None
) -> None:
    (tmp_path / "own.yaml").write_text(text)
    monkeypatch.setattr("dask.config.paths", [str(tmp_path)])
    found = configuration.misplaced()
    assert found == words or (words and f"{tmp_path / 'own.yaml'} {words}" in (found or ""))
