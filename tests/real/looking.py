"""A benchmark that computes next to nothing, and notes what it finds where it runs."""

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import dask
from dask import delayed

import daskbench
from daskbench.benchmarks.base import Compute, Evaluation

INTERVAL = "distributed.worker.profile.interval"


def look(number: int) -> str:
    """Return what a task finds around it."""
    found = {"mark": os.environ.get("MARK"), "interval": dask.config.get(INTERVAL, None)}
    return json.dumps(found)


class Look:
    """Two looks around, wherever tasks run, and one at the scheduler."""

    parameters: ClassVar[dict[str, Any]] = {}

    def __init__(self, seed: int) -> None:
        del seed

    def collection(self) -> Sequence[Any]:
        return [delayed(look, pure=False)(number) for number in range(2)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        return [lambda: look(0), lambda: look(1)]

    def check(self, answer: Sequence[Any]) -> str | None:
        return None

    def account(self, answer: Sequence[str], compute: Compute) -> Evaluation:
        found = json.loads(answer[0])
        note = {**found, "code": daskbench.__file__, "saturation": _saturation()}
        return Evaluation(note=json.dumps(note))


def _saturation() -> str | None:
    from distributed import get_client

    try:
        client = get_client()
    except ValueError:  # there is none
        return None
    return str(client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.WORKER_SATURATION))
