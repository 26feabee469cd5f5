"""A lane's answers as events: each is held against its type, and against what was seen outside."""

from typing import Any, TypeVar

import msgspec

from daskbench.events import Reading, WorkerEvent
from daskbench.lane.protocol import Message
from daskbench.processes.talk import LaneError
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
        raise LaneError(f"its lane sent an invalid message: unknown field {min(unknown)!a}")
    try:
        return msgspec.convert(said | own, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).replace("`", "").partition(" - at $.")
        field = f"{where}: " if where else ""
        raise LaneError(f"its lane sent an invalid message: {field}{what}") from None


def read_told(said: Message, case: int, at_s: float) -> Reading | WorkerEvent:
    """Return what a lane told in the middle of its work; raises LaneError."""
    told = dict(said)
    name = told.pop("event", None)
    if not isinstance(name, str) or name not in _TOLD:
        raise LaneError("its lane sent an invalid message during its work")
    return read(_TOLD[name], told, {"case": case, "at_s": at_s})


def seconds(said: Any) -> float | None:
    """Return a time that goes into no event by itself, if it is one; raises LaneError."""
    if said is not None and (not isinstance(said, int | float) or said < 0):
        raise LaneError(f"its lane sent an invalid message: a CPU time of {ascii(said)[:20]}")
    return said


def check_clock(said: Message, watched_s: float) -> None:
    """Raise LaneError for times that can't be: user code may replace the clock that is read."""
    wall_s, build_s = said.get("wall_s"), said.get("build_s")
    if not isinstance(wall_s, int | float) or not isinstance(build_s, int | float):
        return  # no times at all: their type is checked
    most_s = watched_s * (1 + _MORE) + _MORE_S
    if wall_s > 0 and build_s >= 0 and wall_s + build_s <= most_s:
        return
    raise LaneError(
        f"its lane says that its sample took {wall_s:g} s, and building it {build_s:g} s, but "
        f"{format_seconds(watched_s)} passed outside: does the work replace time.perf_counter, or "
        "was the clock set back?"
    )
