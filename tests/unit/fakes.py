"""A clock, a machine and lanes that are not there, but hold the conductor to its promises."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

import pytest

from daskbench.cli import recording
from daskbench.conductor.machine import Counters
from daskbench.lane.protocol import Command, Message, Open, Sampled, message_of
from daskbench.model import Side
from daskbench.processes.talk import TIMEOUT, Heard, LaneError

Answer = Callable[["FakeLane", Message], Message]


class Clock:
    """Time that passes only when told."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FakeMachine:
    """Counters that are handed out one after the other, then stay."""

    def __init__(self, *readings: Counters) -> None:
        self.readings = list(readings) or [Counters()]

    def read(self) -> Counters:
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


class FakeLane:
    """A lane that says whatever its `FakeLanes` has for its place."""

    def __init__(self, lanes: "FakeLanes", blas_threads: int | None, side: Side) -> None:
        self.lanes, self.blas_threads, self.side = lanes, blas_threads, side
        self.peak_rss_bytes = 1 << 20
        self.peak_pss_bytes: int | None = 1 << 20
        self.heard: list[Heard] = []
        self.asked: list[Message] = []
        self.timeouts: list[float] = []
        self.limits: list[str] = []
        self.frozen = self.ended = self.begun = False
        self.case: Message = {}
        self.cases: dict[int | None, Message] = {}

    @property
    def place(self) -> str:
        workers = self.case.get("workers")
        return f"{self.case['scheduler']}" + (f"-{workers}" if workers else "")

    def begin(self, command: Open) -> None:
        begun = [lane for lane in self.lanes.open if lane.begun]
        assert len(begun) < 2, "two at a time are enough"
        self.begun, self.case = True, message_of(command)

    def ask(
        self, command: Command, timeout_s: float, tick: Callable[[], None], limit: str = TIMEOUT
    ) -> Message:
        assert not self.ended, "an ended lane is asked nothing"
        assert not self.frozen, "a frozen lane cannot answer"
        self.begun = False
        awake = [lane for lane in self.lanes.open if not lane.frozen and not lane.begun]
        assert awake == [self], "only one lane may be awake, but for one that is starting"
        message = message_of(command)  # as it comes out of the pipe
        if message["op"] == "open":
            self.case = self.cases[message.get("number")] = message
        elif message["op"] == "sample":
            self.case = self.cases[message.get("number")]  # one that is open in this lane
        self.asked.append(message)
        self.timeouts.append(timeout_s)
        self.limits.append(limit)
        self.lanes.log.append((message["op"], self.place))
        tick()
        start = self.lanes.clock.now
        answer = self.lanes.answer(self, message)
        passed_s = answer.get("wall_s", 0.0)  # a sample can't be longer than what passed outside
        self.lanes.clock.now = max(self.lanes.clock.now, start + passed_s)
        return answer

    doing = ""

    def freeze(self) -> None:
        if not self.ended:
            self.frozen = True
        else:
            self.lanes.signalled_after_end.append(self.place)

    def thaw(self) -> None:
        assert not self.ended
        self.frozen = False


class FakeLanes:
    """Hands out lanes. `seconds` of one loop, and `answers` of its own, are given by place."""

    def __init__(
        self,
        clock: Clock,
        seconds: Mapping[str, float] | None = None,
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        self.clock, self.seconds, self.answers = clock, seconds or {}, answers or {}
        self.all: list[FakeLane] = []
        self.log: list[tuple[str, str]] = []
        self.left: list[str] = []
        self.signalled_after_end: list[str] = []

    def put_in_place(self, monkeypatch: pytest.MonkeyPatch) -> Self:
        """Make every command and function that measures use these lanes, and their clock."""
        monkeypatch.setattr(recording, "Lanes", lambda _folder: self)
        monkeypatch.setattr(recording, "ThisMachine", FakeMachine)
        monkeypatch.setattr(recording, "monotonic", self.clock)
        return self

    @property
    def open(self) -> list[FakeLane]:
        return [lane for lane in self.all if not lane.ended]

    def start(self, blas_threads: int | None, side: Side) -> FakeLane:
        self.all.append(FakeLane(self, blas_threads, side))
        return self.all[-1]

    def end(self, lanes: Iterable[FakeLane]) -> None:
        for lane in lanes:
            lane.ended = True

    def kill(self, lane: FakeLane) -> None:
        lane.ended = True

    def answer(self, lane: FakeLane, message: Message) -> Message:
        if lane.place in self.answers:
            return self.answers[lane.place](lane, message)
        return self.usual(lane, message)

    def usual(self, lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            self.clock.now += 0.5
            return {"tasks": 100, "workers": message.get("workers")}
        wall_s = self.seconds.get(lane.place, 1.0) * message["loops"]
        self.clock.now += wall_s
        return answer_of(wall_s, loops=message["loops"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(self.open)


def answer_of(wall_s: float, loops: int = 1, **changes: Any) -> Message:
    """What a lane says of a sample, with changes that no lane may make."""
    sampled = Sampled(
        wall_s=wall_s,
        build_s=0.0,
        cpu_s=wall_s,
        lane_cpu_s=wall_s,
        tasks_expected=100 * loops,
        tasks_run=100 * loops,
        answer_ok=True,
    )
    return asdict(sampled) | changes


def failing(reason: str, *, at_sample: int = 0, detail: str | None = None) -> Answer:
    """A lane that fails at its opening, or at its sample of that number (warm-up counted)."""

    def answer(lane: FakeLane, message: Message) -> Message:
        samples = sum(asked["op"] == "sample" for asked in lane.asked)
        if samples == at_sample:
            raise LaneError(reason, detail)
        return lane.lanes.usual(lane, message)

    return answer
