"""Lanes that are not there, for what would start some."""

import pytest

from daskbench.cli import recording
from tests.unit.fakes import Clock, FakeLanes, FakeMachine


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> FakeLanes:
    clock = Clock()
    fake = FakeLanes(clock, {"threads-2": 0.5})
    monkeypatch.setattr(recording, "Lanes", lambda _folder: fake)
    monkeypatch.setattr(recording, "ThisMachine", FakeMachine)
    monkeypatch.setattr(recording, "monotonic", clock)
    return fake
