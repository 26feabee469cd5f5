"""Workers that are there and can't work, and workers that are not there, are told apart."""

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
