"""What is given for each side, and what an interpreter has."""

import platform
import re
import sys
from pathlib import Path

import pytest

from daskbench import interpreters
from daskbench.config import check_shared, make_sides
from daskbench.errors import UsageError
from daskbench.model import Side
from daskbench.processes import bundle as bundle
from daskbench.secrecy import keyed
from tests.unit.experiments.two_sides import HAS, SATURATION, A, B, found

Two = tuple[tuple[str, ...], tuple[str, ...]]


def sides(*pythons: str, env: Two = ((), ()), config: Two = ((), ())) -> tuple[Side, Side]:
    return make_sides(pythons, env, config, ({}, {}), keyed(b"of the tests"))


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


def answering(tmp_path: Path, script: str) -> Side:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return Side("B", str(python))


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
        ("exit 0", "can't be used as Python: no output"),
        ("echo no >&2; exit 1", "can't be used as Python: no"),
        ("echo 1", "can't be used as Python: 1"),
        ("kill -9 $$", "no output"),
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
        (found(dask="2024.12.1"), "has dask 2024.12.1, but lanes need 2025.1 or newer"),
        (found(python="3.10.13"), "has python 3.10.13, but lanes need 3.11"),
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
