"""The child's protocol and its loop, in this process."""

import json
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.lane import loop
from daskbench.lane.channel import Channel, encode_answer
from daskbench.lane.loop import serve
from daskbench.lane.protocol import PIPES, Message, Sampled, encode
from tests.unit.lane.laning import OPEN


class Parent:
    """The conductor's ends of the pipes of a channel."""

    def __init__(self) -> None:
        lane_reads, self.commands = os.pipe()
        self.answers, lane_writes = os.pipe()
        self.channel = Channel(lane_reads, lane_writes)
        self._lane_writes = lane_writes

    def say(self, *messages: Message) -> None:
        for message in messages:
            os.write(self.commands, encode(message))
        os.close(self.commands)

    def hear(self) -> list[Message]:
        os.close(self._lane_writes)
        with os.fdopen(self.answers) as file:
            return [json.loads(line) for line in file]

    def close(self) -> None:
        self.channel._commands.close()


@pytest.fixture
def parent() -> Iterator[Parent]:
    made = Parent()
    yield made
    made.close()


MESSAGES = st.dictionaries(
    st.text(max_size=5), st.none() | st.integers() | st.text() | st.lists(st.text()), max_size=4
)


@given(MESSAGES)
def test_a_message_is_one_line_that_reads_as_the_same(message: Message) -> None:
    data = encode(message)
    assert data.count(b"\n") == 1
    assert data.endswith(b"\n")
    assert json.loads(data) == message


def test_a_channel_receives_until_the_parent_is_gone(parent: Parent) -> None:
    parent.say({"op": "a"}, {"op": "b"})
    assert parent.channel.receive() == {"op": "a"}
    assert parent.channel.receive() == {"op": "b"}
    assert parent.channel.receive() is None


def test_half_a_command_is_none(parent: Parent) -> None:
    os.write(parent.commands, b'{"op": "sam')
    os.close(parent.commands)
    assert parent.channel.receive() is None


def test_the_pipes_are_hidden_from_the_lanes_own_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_inheritable(descriptor, True)
    monkeypatch.setenv(PIPES, f"{reader},{writer}")
    channel = Channel.from_environment()
    assert PIPES not in os.environ
    ends = channel._commands.fileno(), channel._answers
    assert min(ends) > max(reader, writer)
    assert not any(map(os.get_inheritable, ends))
    if not (child := os.fork()):
        os._exit(sum(map(is_open, ends)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert all(map(is_open, ends))
    channel.close()


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_what_the_work_forked_ends_where_it_would_speak_for_the_lane(parent: Parent) -> None:
    if not (child := os.fork()):
        parent.channel.send({"ok": True})
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert parent.hear() == []


def test_texts_that_a_lane_sends_are_short_and_have_characters_that_utf_8_has() -> None:
    found = json.loads(encode_answer({"a\udcff": ["b\0", "c" * 99_999], "d": (1, None)}))
    texts = found.pop("a\\udcff")
    assert texts[0] == "b\\x00"
    assert texts[1].endswith("c... (83999 more characters)")
    assert found == {"d": [1, None]}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32(1), {1, 2}])
def test_what_is_no_plain_data_is_a_failure_of_its_operation(value: Any) -> None:
    odd = Sampled(
        tasks_expected=1, tasks_run=1, answer_ok=True, wall_s=1.0, build_s=0.0, figures={"x": value}
    )
    session = SimpleNamespace(answer=lambda command: odd)
    answer = json.loads(loop._answer("7", session, {"op": "close"}))  # type: ignore[arg-type]
    assert (answer["id"], answer["ok"]) == ("7", False)
    assert answer["reason"].startswith(("ValueError: ", "TypeError: "))


def commands(*messages: Message) -> list[Message]:
    """Return these with a token each."""
    return [message | {"id": str(number)} for number, message in enumerate(messages)]


def test_the_loop_opens_samples_and_closes(parent: Parent) -> None:
    parent.say(*commands(OPEN, {"op": "sample", "loops": 2}, {"op": "close"}))
    serve(parent.channel)
    opened, sample, closed = parent.hear()
    assert opened["ok"]
    assert opened["tasks"] == 10
    assert opened["versions"]["numpy"] == np.__version__
    assert (sample["tasks_run"], sample["tasks_expected"], sample["reason"]) == (20, 20, None)
    assert closed == {"id": "2", "ok": True}


def test_an_error_is_an_answer_that_says_why_and_the_loop_goes_on(parent: Parent) -> None:
    broken = OPEN | {"parameters": {"n": 100}}
    parent.say(*commands(broken, OPEN, {"op": "close"}))
    serve(parent.channel)
    failed, opened, _ = parent.hear()
    assert not failed["ok"]
    assert failed["reason"].startswith("calc_mean can't be created with n=100: ")
    assert "Traceback" in failed["detail"]
    assert opened["ok"]


def test_a_lane_that_was_never_opened_closes_too(parent: Parent) -> None:
    parent.say(*commands({"op": "close"}))
    serve(parent.channel)
    assert parent.hear() == [{"id": "0", "ok": True}]
