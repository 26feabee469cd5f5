"""Workers that are there and can't work, and workers that are not there, are told apart."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from daskbench.lane import clusters
from daskbench.lane.causes import Explained


class Client:
    """A client whose workers never become ready."""

    def __init__(self, *states: str) -> None:
        workers = [SimpleNamespace(status=SimpleNamespace(name=state)) for state in states]
        self.scheduler = SimpleNamespace(workers=dict(enumerate(workers)))

    def wait_for_workers(self, wanted: int, timeout: float) -> None:
        raise TimeoutError(f"Only 0/{wanted} workers arrived after {timeout}")

    def run_on_scheduler(self, function: Any) -> Any:
        return function(self.scheduler)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["paused", "paused"], "2 of 2 workers stayed paused for 1min: Dask pauses a worker"),
        (["running", "paused"], "1 of 2 workers stayed paused for 1min"),
        (["running"], "only 1 of 2 workers were available after 1min"),
    ],
)
def test_why_workers_are_not_ready(states: list[str], words: str) -> None:
    """Seen: "Only 0/2 workers arrived after 60" of two workers that were paused."""
    with pytest.raises(Explained) as told:
        clusters.wait_whole(Client(*states), 2, 60.0)
    assert str(told.value).startswith(words)


def test_data_that_never_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a task that may only run on a worker which has left."""
    future, seconds = SimpleNamespace(status="pending"), itertools.count()
    looks: list[str] = []

    def look() -> None:
        looks.append(future.status)
        if len(looks) == 2:
            future.status = "finished"

    def fail() -> None:
        raise RuntimeError("1 of 2 workers have left")

    monkeypatch.setattr(clusters, "futures_of", lambda kept: kept)
    monkeypatch.setattr(clusters, "monotonic", lambda: 1.5 * next(seconds))
    monkeypatch.setattr(clusters, "sleep", lambda _: None)
    with pytest.raises(RuntimeError, match="have left"):
        clusters.wait_for([future], fail)
    clusters.wait_for([future], look)
    assert looks == ["pending"] * 2
