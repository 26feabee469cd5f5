"""A lane's answers as events: each is held against its type, and against what was seen outside."""

from typing import Any, TypeVar

import msgspec

from daskbench.conductor.ports import LaneError
from daskbench.events import Reading, Sample, WorkerEvent
from daskbench.lane.protocol import Message
from daskbench.units import format_seconds

E = TypeVar("E", bound=msgspec.Struct)

#: How much longer than the time that passed outside a sample may claim to be: clocks are read one
#: after the other.
_MORE, _MORE_S = 0.01, 0.01
_TOLD: dict[Any, type[Reading | WorkerEvent]] = {"memory": Reading, "worker": WorkerEvent}


def read(kind: type[E], said: Message, own: Message) -> E:
    """Return the event that a lane tells of; what is in `own` is ours to say.

    Raises LaneError where it says what no lane says, or not as a lane says it.
    """
    known = {field.encode_name for field in msgspec.structs.fields(kind)} - own.keys()
    if unknown := said.keys() - known:
        raise LaneError(f"what its lane said is not valid: unknown field {min(unknown)!a}")
    try:
        return msgspec.convert(said | own, kind)
    except msgspec.ValidationError as error:
        raise LaneError(f"what its lane said is not valid: {error}") from None


def read_told(said: Message, case: int, at_s: float) -> Reading | WorkerEvent:
    """Return what a lane told in the middle of its work; raises LaneError."""
    told = dict(said)
    name = told.pop("event", None)
    if not isinstance(name, str) or name not in _TOLD:
        raise LaneError("what its lane told in the middle of its work is not valid")
    return read(_TOLD[name], told, {"case": case, "at_s": at_s})


def seconds(said: Any) -> float | None:
    """Return a time that goes into no event by itself, if it is one; raises LaneError."""
    if said is not None and (not isinstance(said, int | float) or said < 0):
        raise LaneError(f"what its lane said is not valid: a CPU time of {ascii(said)[:20]}")
    return said


def check_clock(sample: Sample) -> None:
    """Raise LaneError for times that can't be: user code may replace the clock that is read."""
    claimed_s = sample.wall_s + sample.build_s
    if sample.wall_s <= 0 or sample.build_s < 0:
        said = f"that its sample took {sample.wall_s:g} s"
    elif claimed_s > sample.watched_s * (1 + _MORE) + _MORE_S:
        said = f"that its sample took {format_seconds(claimed_s)}"
    else:
        return
    raise LaneError(
        f"its lane says {said}, but {format_seconds(sample.watched_s)} passed outside: "
        "does the work replace time.perf_counter?"
    )
