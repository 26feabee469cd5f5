"""Fixtures of these tests."""

import pytest

from daskbench.experiments.limit.search import Outcome
from tests.unit.experiments.limited import MIB, LimitedLanes
from tests.unit.fakes import Clock


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> LimitedLanes:
    """What finishes from 200 MiB on, is not paused from 300 on, and does not spill from 450 on."""

    def truth(limit: int) -> Outcome:
        return Outcome(sum(limit >= threshold * MIB for threshold in (200, 300, 450)))

    fake = LimitedLanes(Clock(), truth).put_in_place(monkeypatch)
    monkeypatch.setattr("daskbench.environment.cores", lambda: 2)
    monkeypatch.setattr("daskbench.environment.memory_bytes", lambda: 8 << 30)
    return fake
