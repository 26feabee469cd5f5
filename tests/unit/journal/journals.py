"""What several tests of journal share."""

from typing import TypeVar

import msgspec

from daskbench.account import CAUSES, Accounted
from daskbench.events import (
    Blas,
    CaseFailed,
    Event,
    Finished,
    LaneStarted,
    Reading,
    Sample,
    SuiteFinished,
    Unaccounted,
    WorkerEvent,
)

S = TypeVar("S", bound=msgspec.Struct)

WHOLE_LANE = LaneStarted(
    case=1,
    launch=2,
    startup_s=1.25,
    tasks=100,
    workers=2,
    threads_per_worker=4,
    blas=(Blas("openblas", 1, "0.3.30"), Blas("mkl", 2)),
    versions={"dask": "2026.8.0"},
    notes=("numpy is 2.4 here but 2.3 on the cluster",),
)


def whole(kind: type[S], **values: object) -> S:
    """Return an event with its own number in each field for which no value is given."""
    numbers = {field.name: at for at, field in enumerate(msgspec.structs.fields(kind), 1)}
    return msgspec.convert(numbers | values, kind)


WHOLE_SAMPLE = whole(
    Sample,
    wall_s=0.352,
    tasks_expected=700,
    tasks_run=699,
    valid=False,
    warmup=True,
    again=True,
    answer_ok=False,
    figures={"error": 1e-15},
    note="what a reader should know",
    reason="699 of 700 tasks ran",
    others_cpu_s=-0.01,
    transfers=[
        {
            "source": "0",
            "target": "1",
            "source_address": "tcp://127.0.0.1:1",
            "target_address": "tcp://127.0.0.1:2",
            "sent_bytes": 1,
            "returned": True,
            "same_host": True,
            "first_s": 0.5,
            "seconds": [0.25],
            "reason": "why",
        }
    ],
)
WHOLE_READING = whole(Reading, worker="tcp://127.0.0.1:1", state="paused")
WHOLE_EVENT = WorkerEvent(1, 12.25, "0", "terminated", 99)
WHOLE_ACCOUNT = whole(
    Accounted,
    valid=False,
    wall_s=0.352,
    causes={cause: float(at) for at, cause in enumerate(CAUSES)},
    reason="699 of 700 tasks ran",
    sees_cores=False,
    notes=("transitions and metrics disagree",),
)
EVENTS: list[Event] = [
    WHOLE_READING,
    WHOLE_ACCOUNT,
    WHOLE_EVENT,
    WHOLE_LANE,
    WHOLE_SAMPLE,
    CaseFailed(0, "in round 2", "its lane ended", "a traceback\nof two lines"),
    Unaccounted(0, "its lane ended", "a traceback\nof two lines"),
    SuiteFinished("suite", 3, "budget"),
    Finished("budget", 20.0),
]
