"""What holds for every unit test: the environment of whoever runs them changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench import asking
from daskbench.asking import remote
from tests.unit.fakes import Clock, FakeLanes

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "DASKBENCH_STORE")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def no_helper_is_left() -> Iterator[None]:
    """End the processes that hold users' files, where a test asked some."""
    yield
    if remote._helpers:
        asking.end()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> FakeLanes:
    """Lanes that are not there, for whatever would start some."""
    return FakeLanes(Clock(), {"threads-2": 0.5}).put_in_place(monkeypatch)


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()
