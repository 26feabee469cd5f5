"""What comes over a lane's pipe, which may be anybody's, and what is believed of it."""

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from daskbench.conductor import answers
from daskbench.conductor.conduct import Activity, Conductor
from daskbench.events import CaseFailed, Event, Sample
from daskbench.lane.protocol import Failed, Message
from daskbench.processes.talk import LaneError
from daskbench.processes.wire import Closed, Wire
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.fakes import Answer, Clock, FakeLane, FakeLanes, FakeMachine, answer_of

OK = b'{"id": "t", "ok": true}\n'


class Ends:
    """A wire, and the two ends that a lane has of it."""

    def __init__(self) -> None:
        self.commands, ours = os.pipe()
        theirs, self.answers = os.pipe()
        self.wire = Wire(ours, theirs)

    def ask(self, *said: bytes) -> Message | Failed | None:
        """Ask something, and take what is said then, until that is an answer."""
        self.wire.send({"op": "sample"}, lambda: None, 0.0)
        for data in said:
            os.write(self.answers, data)
            if (answer := self.wire.receive(0.0)) is not None:
                return answer
        return None

    def close(self) -> None:
        self.wire.close()
        for end in (self.commands, self.answers):
            os.close(end)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    monkeypatch.setattr("secrets.token_hex", lambda size: "t")
    made = Ends()
    yield made
    made.close()


def test_an_answer_bears_the_token_of_its_command(ends: Ends) -> None:
    assert ends.ask(OK) == {}
    assert json.loads(os.read(ends.commands, 1000)) == {"op": "sample", "id": "t"}


FOREIGN = (
    b"print",
    b"\0\0",
    b"\xff\xfe",
    b'"\\ud800"',
    b"1",
    b"[1, 2]",
    b"null",
    b"[" * 10_000,
    b'{"id": "t", "ok": true, "wall_s": NaN}',
    b'{"id": "t", "ok": true, "wall_s": 1e999}',
    b'{"id": "t", "ok": true, "tasks": 99999999999999999999}',
    b'{"id": "t", "ok": true, "note": "a\\u0000"}',
    b'{"id": "t", "ok": true, "a\\u0000": 1}',
    b'{"ok": true}',
    b'{"id": "u", "ok": true}',
    b'{"id": "t"}',
    b'{"id": "t", "ok": 1}',
    b'{"id": ["t"], "ok": true}',
    b"x" + OK[:-1],
)
INVALID = (
    b'{"id": "t", "ok": false}',
    b'{"id": "t", "ok": false, "reason": 1}',
    b'{"id": "t", "ok": false, "reason": "x", "detail": []}',
    b'{"heard": 1}',
    b'{"heard": {"event": "memory"}}',
    b'{"heard": {"at": "now"}}',
    b'{"heard": {"at": 1}, "ok": true}',
)


@pytest.mark.parametrize("line", FOREIGN)
def test_what_is_no_message_is_told_as_not_the_lanes(ends: Ends, line: bytes) -> None:
    with pytest.raises(LaneError, match="unexpected data on its lane's pipe: ") as error:
        ends.ask(line + b"\n")
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 250


@pytest.mark.parametrize("line", INVALID)
def test_a_message_of_another_shape_is_not_valid(ends: Ends, line: bytes) -> None:
    with pytest.raises(LaneError, match="invalid message"):
        ends.ask(line + b"\n")


def test_an_answer_that_nobody_asked_for_is_not_that_of_the_next_command(ends: Ends) -> None:
    ends.ask(OK)
    os.write(ends.answers, OK)
    with pytest.raises(LaneError, match="an unsolicited answer"):
        ends.ask()


def test_a_line_without_an_end_is_given_up(ends: Ends) -> None:
    ends.wire._buffer = b"x" * (4 << 20)
    with pytest.raises(LaneError, match="more than 4194304 bytes without a line break"):
        ends.ask(b"x")


def test_pieces_are_put_together_and_each_look_takes_one(ends: Ends) -> None:
    """Whoever writes a little now and then does not keep the conductor from looking up."""
    assert ends.ask(OK[:7]) is None
    os.write(ends.answers, OK[7:])
    assert ends.wire.receive(0.0) == {}


def test_a_lane_that_reads_no_commands_does_not_stop_the_conductor(ends: Ends) -> None:
    def poll() -> None:
        raise LaneError("no answer within 1 s")

    with pytest.raises(LaneError, match="no answer"):
        ends.wire.send({"op": "open", "long": "x" * 10**6}, poll, 0.0)


def test_a_pipe_that_the_lane_has_closed_is_told(ends: Ends) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), ends.answers)
    with pytest.raises(Closed):
        ends.ask()


def test_what_is_told_meanwhile_has_an_age(ends: Ends) -> None:
    told = json.dumps({"heard": {"at": time.monotonic() - 5, "event": "x"}}).encode()
    assert ends.ask(told + b"\n" + OK) == {}
    [heard] = ends.wire.heard
    assert heard.age_s >= 5
    assert heard.message == {"event": "x"}


# Events


OWN = {"case": 0, "at_s": 1.0}
READING = {
    "event": "memory",
    "worker": "0",
    "process_bytes": 4,
    "managed_bytes": 1,
    "unmanaged_bytes": 1,
    "unmanaged_recent_bytes": 2,
    "spilled_bytes": 0,
    "state": "running",
}


@pytest.mark.parametrize(
    "odd",
    [
        {"event": "sample"},
        {"event": ["memory"]},
        {"process_bytes": "many"},
        {"process_bytes": 1.5},
        {"worker": None},
        {"case": 7},
        {"at_s": 0.0},
        {"secret": 1},
    ],
)
def test_a_reading_is_held_against_its_type(odd: dict[str, Any]) -> None:
    assert answers.read_told(READING, 3, 1.0).case == 3
    with pytest.raises(LaneError, match="invalid message"):
        answers.read_told(READING | odd, 3, 1.0)


def test_a_lane_says_nothing_for_the_conductor() -> None:
    own = {"case": 0, "launch": 0}
    assert answers.read_opened({"tasks": 3}, own, 1.0).tasks == 3
    with pytest.raises(LaneError, match="unknown field 'case'"):
        answers.read_opened({"tasks": 3, "case": 5}, own, 1.0)


# In a run


def conduct(answer: Answer, tick: Callable[[], None] = lambda: None, **more: Any) -> list[Event]:
    """Measure NumPy, and beside it a case that answers so."""
    lanes = FakeLanes(Clock(), answers={"threads-2": answer})
    cases = make_case("numpy"), make_case(workers=2)
    conductor = Conductor(
        make_plan(make_suite(*cases, **({"rounds": 2} | more))),
        lanes,
        clock=lanes.clock,
        machine=FakeMachine(),
        tick=tick,
    )
    return [event for event in conductor.run() if not isinstance(event, Activity)]


def failure_beside_numpy(events: list[Event]) -> str:
    """Return why the case failed, beside which NumPy has both of its samples."""
    assert sum(isinstance(e, Sample) and e.case == 0 and not e.warmup for e in events) == 2
    [failure] = [event for event in events if isinstance(event, CaseFailed)]
    assert failure.case == 1
    return failure.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"note": 5}, "invalid message: note: Expected str | null, got int"),
        ({"tasks_run": "100"}, "invalid message: tasks_run: Expected int, got str"),
        ({"tasks_run": None}, "invalid message: tasks_run: Expected int"),
        ({"figures": [1]}, "invalid message: figures: Expected object"),
        ({"figures": {"a": "b"}}, "invalid message: figures[...]: Expected float"),
        ({"reason": {}}, "invalid message: reason: Expected str | null"),
        ({"valid": True}, "invalid message: unknown field 'valid'"),
        ({"\x1b[31m": 1}, r"invalid message: unknown field '\x1b[31m'"),
        ({"lane_cpu_s": "much"}, "invalid message: lane_cpu_s: Expected float | null, got str"),
        ({"lane_cpu_s": -1}, "invalid message: a CPU time of -1"),
        ({"wall_s": 0.0}, "its sample took 0 s, and building it 0"),
        ({"wall_s": -1.0}, "its sample took -1 s, and building it 0"),
        ({"build_s": 1.0}, "its sample took 1 s, and building it 1 s, but 1 s passed"),
        ({"build_s": -1.0}, "its sample took 1 s, and building it -1 s, but 1 s passed"),
    ],
)
def test_a_sample_that_is_none_fails_its_case_alone(changes: Message, reason: str) -> None:
    def answer(lane: FakeLane, message: Message) -> Message:
        usual = lane.lanes.usual(lane, message)
        return usual | changes if message["op"] == "sample" else usual

    assert reason in failure_beside_numpy(conduct(answer))


@pytest.mark.parametrize("opened", [{}, {"tasks": "x"}, {"tasks": 1, "notes": [1]}, {"x": 1}])
def test_an_opening_that_is_none_fails_its_case_alone(opened: Message) -> None:
    assert "invalid message" in failure_beside_numpy(conduct(lambda lane, message: opened))


def test_loops_of_a_clock_that_hardly_moves_are_not_tried_for_ever() -> None:
    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return {"tasks": 100}
        lane.lanes.clock.now += 1.0
        return answer_of(1e-9, loops=message["loops"])

    reason = failure_beside_numpy(conduct(answer, min_time_s=0.1))
    assert reason.startswith("no number of loops that takes 100 ms (--min-time) was found in 1 s: ")


def test_loops_that_do_not_settle_end_within_the_timeout() -> None:
    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return {"tasks": 100}
        lane.lanes.clock.now += 4.0
        return answer_of(0.09, loops=message["loops"])

    assert "found in 12 s" in failure_beside_numpy(conduct(answer, min_time_s=0.1, timeout_s=10.0))


@pytest.mark.parametrize(
    ("timeout_s", "limit"),
    [(5.0, "which every start has, also with a shorter --timeout"), (90.0, "--timeout")],
)
def test_a_start_has_a_limit_of_its_own(timeout_s: float, limit: str) -> None:
    lanes = FakeLanes(Clock())
    plan = make_plan(make_suite(make_case(), rounds=1, timeout_s=timeout_s))
    conductor = Conductor(plan, lanes, clock=lanes.clock, machine=FakeMachine(), tick=lambda: None)
    for _ in conductor.run():
        pass
    [lane] = lanes.all
    assert (lane.timeouts[0], lane.limits[0]) == (max(60.0, timeout_s), limit)
    assert (lane.timeouts[-1], lane.limits[-1]) == (timeout_s, "--timeout")
