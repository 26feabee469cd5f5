import json
import os
import signal
import tempfile
from collections import namedtuple
from pathlib import Path

import dask.config
import psutil
import pytest

from daskbench import environment
from daskbench.cli.interruption import Interruption
from daskbench.conductor.machine import ThisMachine
from daskbench.errors import Interrupted, UsageError, nearest
from tests.unit.builders import ENVIRONMENT


def test_the_environment_is_plain_json_and_names_what_matters() -> None:
    found = environment.describe()
    assert json.loads(json.dumps(found)) == found
    assert found["cores"] >= 1
    assert found["memory_bytes"] > 1 << 20
    assert set(found["versions"]) >= {"daskbench", "dask", "distributed", "numpy"}
    assert set(found) >= {"host", "cpu", "python", "platform", "temp_folder", "load_1min"}


def test_the_same_environment_does_not_differ() -> None:
    later = ENVIRONMENT | {"load_1min": 5.0, "temp_folder": "/elsewhere"}
    assert environment.differences(ENVIRONMENT, later) == []


@pytest.mark.parametrize("key", ["host", "cpu", "cores", "python"])
def test_what_changes_samples_differs(key: str) -> None:
    [difference] = environment.differences(ENVIRONMENT, ENVIRONMENT | {key: "other"})
    assert difference == f"{key} was {ENVIRONMENT[key]}, is other"


@pytest.mark.parametrize(("name", "differs"), [("dask", True), ("numpy", True), ("rich", False)])
def test_only_versions_of_what_is_measured_differ(name: str, differs: bool) -> None:
    later = ENVIRONMENT | {"versions": {**ENVIRONMENT["versions"], name: "other"}}
    assert bool(environment.differences(ENVIRONMENT, later)) == differs


def test_the_temporary_folder_is_dasks_or_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "systems"))
    with dask.config.set({"temporary-directory": str(tmp_path)}):
        assert environment.temp_folder() == tmp_path
    with dask.config.set({"temporary-directory": None}):
        assert environment.temp_folder() == tmp_path / "systems"


def test_more_idle_time_never_lowers_busy_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by rounding: the kernel's hundredths of a second have no exact float."""
    times = namedtuple("times", "user nice system idle iowait irq")

    def busy_s(tick: int, idle: float) -> float:
        found = times(61559.12, 0.5, 0.43 + tick / 100, idle, 12.5, 3.2)
        monkeypatch.setattr(psutil, "cpu_times", lambda: found)
        return machine.read().busy_s

    machine = ThisMachine()
    for tick in range(200):
        idle = 123456.78 + tick / 100
        assert busy_s(tick, idle) == busy_s(tick, idle + 0.01)


def test_the_machines_counters_only_grow() -> None:
    machine = ThisMachine()
    first, second = machine.read(), machine.read()
    assert second.busy_s >= first.busy_s > 0
    assert second.own_s >= first.own_s > 0
    assert second.swap_bytes >= first.swap_bytes >= 0
    assert second.throttled_s >= first.throttled_s >= 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_remembered_raised_once_and_then_as_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interruption() as interruption:
        interruption.check()
        os.kill(os.getpid(), number)
        with pytest.raises(Interrupted):
            interruption.check()
        interruption.check()
    assert signal.getsignal(number) is before


def test_the_nearest_word_or_all_are_offered() -> None:
    assert nearest("thread", ["threads", "numpy"]) == "did you mean 'threads'?"
    assert nearest("xyz", ["threads", "numpy"]) == "choose from threads, numpy"


def test_a_machine_that_takes_no_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere"])
    with dask.config.set({"temporary-directory": None}), pytest.raises(UsageError, match="ulimit"):
        environment.temp_folder()
