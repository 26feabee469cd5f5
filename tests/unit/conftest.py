"""What holds for every unit test: the environment of whoever runs them changes nothing."""

from pathlib import Path

import pytest
from click.testing import CliRunner

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "DASKBENCH_STORE")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()
