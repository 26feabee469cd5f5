"""Limits of memory, as a worker has them."""

from types import SimpleNamespace

import dask
import pytest

from daskbench.lane.probes import memory


def test_limits_are_those_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = SimpleNamespace(
        memory_target_fraction=0.6,
        memory_spill_fraction=False,
        memory_pause_fraction=None,
        memory_limit=1 << 30,
    )
    worker = SimpleNamespace(memory_manager=manager, nanny="tcp://127.0.0.1:1")
    with dask.config.set({"distributed.worker.memory.terminate": 0.9}):
        found = memory.limits(worker)
        worker.nanny = None
        alone = memory.limits(worker)
    assert alone["thresholds"] == found["thresholds"] | {"terminate": 0.0}
    assert found == {
        "memory_limit_bytes": 1 << 30,
        "thresholds": {"target": 0.6, "spill": 0.0, "pause": 0.0, "terminate": 0.9},
    }
