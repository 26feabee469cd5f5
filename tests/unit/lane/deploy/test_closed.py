"""Clusters of the user's that are closed by something else than their lane."""

from concurrent.futures import CancelledError
from types import SimpleNamespace
from typing import Any

import pytest

from daskbench.lane.causes import Explained
from daskbench.lane.schedulers import make_scheduler
from tests.unit.builders import opening
from tests.unit.lane.laning import OPEN


def fail_within(state: str) -> None:
    """Let a sample be cancelled while its cluster is in this state."""
    case = {**OPEN, "scheduler": "distributed", "cluster": {"kind": "a.b:C", "options": {}}}
    scheduler: Any = make_scheduler(opening(**case))
    scheduler.cluster = SimpleNamespace(status=SimpleNamespace(name=state))
    with scheduler._loss_explained():
        raise CancelledError("x cancelled for reason: unknown.")


def test_a_cluster_that_closes_itself_is_the_reason() -> None:
    with pytest.raises(Explained, match="its cluster is closed, which is not daskbench's doing"):
        fail_within("closed")


def test_what_is_cancelled_otherwise_stays_as_it_is() -> None:
    with pytest.raises(CancelledError, match="for reason: unknown"):
        fail_within("running")
