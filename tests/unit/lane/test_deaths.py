"""What is said of workers that died until Dask gave a task up."""

import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from distributed import Client, KilledWorker

from daskbench import resources
from daskbench.lane.causes import Explained
from daskbench.lane.deaths import Deaths

KILLED = "Worker process 7 was killed by signal %d"


class Asked:
    """A client that is only asked for what nannies told."""

    def __init__(self, *rss: int) -> None:
        self.told = [("time", {"rss": held}) for held in rss]

    def get_events(self, topic: str) -> Any:
        assert topic == "worker-restart-memory"
        return self.told


def fail(deaths: Deaths, client: Asked, nanny: logging.Logger, logged: Sequence[str]) -> None:
    with deaths.explained(cast(Client, client)):
        for line in logged:
            nanny.info(line)
        worker = SimpleNamespace(memory_limit=1 << 30)
        raise KilledWorker("task-1", cast(Any, worker), 3)


def said(client: Asked, *logged: str, are_ours: bool = True) -> str:
    deaths = Deaths(are_ours=are_ours)
    nanny = logging.getLogger("distributed.nanny")
    nanny.info("Worker process 6 was killed by signal 11")  # of what was computed before
    try:
        with pytest.raises(Explained) as found:
            fail(deaths, client, nanny, logged)
    finally:
        nanny.removeHandler(deaths)
    return str(found.value)


@pytest.mark.parametrize(
    ("logged", "why"),
    [
        ((KILLED % 15,), "the last was killed by SIGTERM"),
        ((KILLED % 9, KILLED % 6), "the last was killed by SIGABRT"),
        ((KILLED % 99,), "the last was killed by signal 99"),
        (("Worker process 7 exited with status 3",), "the last exited with status 3"),
        (("Worker process 7 was killed by unknown signal",), "the cause is unknown"),
        ((), "the cause is unknown"),
    ],
)
def test_the_last_end_is_told(
    logged: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "oom_kills", lambda: 5)
    assert said(Asked(), *logged) == (
        f"4 workers of 1 GiB died while running the task task-1, so Dask gave it up; {why}"
    )


def test_memory_comes_before_the_signal_that_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    told = said(Asked(1 << 30), KILLED % 9)
    assert told.endswith("the last held 1 GiB when its nanny ended it for its memory")
    counts = iter([5, 7, 7])
    monkeypatch.setattr(resources, "oom_kills", lambda: next(counts))
    told = said(Asked(), KILLED % 9)
    assert told.endswith("the kernel ended 2 processes here for lack of memory")


def test_of_a_cluster_that_is_not_ours_nothing_here_tells_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = iter([5, 7, 7])
    monkeypatch.setattr(resources, "oom_kills", lambda: next(counts))
    told = said(Asked(), KILLED % 9, are_ours=False)
    assert told.endswith("the cause is unknown")
