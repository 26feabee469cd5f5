"""A lane's answers as events: each is held against its type, and against what was seen outside."""

from dataclasses import asdict, fields
from typing import Any, TypeVar

import msgspec

from daskbench.account import Accounted
from daskbench.events import Identity, LaneStarted, Reading, Sample, WorkerEvent
from daskbench.lane.protocol import Identified, Message, Opened, Sampled
from daskbench.processes.talk import LaneError
from daskbench.units import format_seconds

T = TypeVar("T")

#: How much longer than the time that passed outside a sample may claim to be: clocks are read one
#: after the other.
_MORE, _MORE_S = 0.01, 0.01
_TOLD: dict[Any, type[Reading | WorkerEvent]] = {"memory": Reading, "worker": WorkerEvent}


def read_opened(said: Message, own: Message, watched_s: float) -> LaneStarted:
    """Return the start of a lane; what is in `own` is ours to say. Raises LaneError.

    It took the lane at most the `watched_s` until its answer was read, which may have waited. What
    its jobs waited in a queue is not part of its start.
    """
    told = asdict(_read(Opened, said))
    took_s = told.pop("took_s")
    took_s = watched_s if took_s is None else min(max(took_s, 0.0), watched_s)
    startup_s = max(took_s - max(told["queued_s"] or 0.0, 0.0), 0.0)
    return _converted(told | own | {"startup_s": startup_s}, LaneStarted)


def read_sampled(said: Message, watched_s: float) -> Sampled:
    """Return a sample as its lane took it; raises LaneError for one that can't be."""
    sampled = _read(Sampled, said)
    check_clock(sampled, watched_s)
    if (lane_s := sampled.lane_cpu_s) is not None and lane_s < 0:
        raise LaneError(f"its lane sent an invalid message: a CPU time of {lane_s:g}")
    return sampled


def sample_of(sampled: Sampled, own: Message) -> Sample:
    """Return a sample with what was seen from outside; raises LaneError for odd figures."""
    told = asdict(sampled)
    del told["lane_cpu_s"], told["account"]
    return _converted(told | own, Sample)


def accounted_of(sampled: Sampled, own: Message) -> Accounted:
    """Return the account of a sample; raises LaneError if there is none, or for odd figures."""
    if sampled.account is None:
        raise LaneError("its lane sent no account of its sample")
    told = {name: getattr(sampled, name) for name in ("wall_s", "build_s", "reason")}
    return _converted(told | asdict(sampled.account) | own, Accounted)


def read_identified(said: Message) -> Identity:
    """Return the identity of a lane that has not opened a case; raises LaneError."""
    return _converted(asdict(_read(Identified, said).identity), Identity)


def read_told(said: Message, case: int, at_s: float) -> Reading | WorkerEvent:
    """Return what a lane told in the middle of its work; raises LaneError."""
    told = dict(said)
    name = told.pop("event", None)
    if not isinstance(name, str) or name not in _TOLD:
        raise LaneError("its lane sent an invalid message during its work")
    kind, own = _TOLD[name], {"case": case, "at_s": at_s}
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    _check_known(told, known - own.keys())
    return _converted(told | own, kind)


def _read(kind: type[T], said: Message) -> T:
    """Return an answer, which user code may have made, as what a lane says."""
    _check_known(said, {field.name for field in fields(kind)})  # type: ignore[arg-type]
    return _converted(said, kind)


def _check_known(said: Message, known: set[str]) -> None:
    if unknown := said.keys() - known:
        raise LaneError(f"its lane sent an invalid message: unknown field {min(unknown)!a}")


def _converted(said: Message, kind: type[T]) -> T:
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).replace("`", "").partition(" - at $.")
        field = f"{where}: " if where else ""
        raise LaneError(f"its lane sent an invalid message: {field}{what}") from None


def check_clock(sampled: Sampled, watched_s: float) -> None:
    """Raise LaneError for times that can't be: user code may replace the clock that is read."""
    wall_s, build_s = sampled.wall_s, sampled.build_s
    most_s = watched_s * (1 + _MORE) + _MORE_S
    if wall_s > 0 and build_s >= 0 and wall_s + build_s <= most_s:
        return
    raise LaneError(
        f"its lane says that its sample took {wall_s:g} s, and building it {build_s:g} s, but "
        f"{format_seconds(watched_s)} passed outside: does the work replace time.perf_counter, or "
        "was the clock set back?"
    )
