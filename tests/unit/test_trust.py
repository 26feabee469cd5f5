"""The user's key, and journals that are sealed with it."""

import os
from pathlib import Path

import msgspec
import pytest

from daskbench import trust
from daskbench.events import Header
from daskbench.model import Side

from .builders import make_case, make_header, make_plan, make_run, make_suite, write_journal

KEY = b"k" * 32


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "daskbench"


def test_a_key_is_made_once_and_is_private(state: Path) -> None:
    assert trust.find_key() is None
    made = trust.find_key(make=True)
    assert made is not None
    assert trust.find_key() == trust.find_key(make=True) == made
    assert (state / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in state.iterdir()] == ["key"]


def test_a_key_that_others_can_read_or_put_there_is_none(state: Path) -> None:
    trust.find_key(make=True)
    (state / "key").chmod(0o640)
    assert trust.find_key(make=True) is None
    (state / "key").rename(state / "elsewhere")
    (state / "elsewhere").chmod(0o600)
    (state / "key").symlink_to(state / "elsewhere")
    assert trust.find_key(make=True) is None
    (state / "key").unlink()
    os.mkfifo(state / "key", 0o600)
    assert trust.find_key() is None


def test_without_a_home_there_is_no_key_but_digests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert trust.find_key(make=True) is None
    assert trust.digest_key() == trust.digest_key()


def test_the_key_of_digests_is_not_the_one_that_seals(state: Path) -> None:
    assert trust.digest_key() != trust.find_key()


def header_of(**side: object) -> Header:
    case = msgspec.structs.replace(make_case(), side=Side("A", **side))  # type: ignore[arg-type]
    return make_header(make_plan(make_suite(case)))


def test_a_journal_with_our_seal_is_ours_and_still_when_more_was_written(tmp_path: Path) -> None:
    header = trust.sealed(header_of(python="/usr/bin/python3"), KEY)
    path = write_journal(tmp_path / "run.jsonl", header, [])
    assert trust.is_ours(path, header, KEY)
    assert not trust.is_ours(path, header, b"x" * 32)
    assert not trust.is_ours(path, header, None)
    assert trust.sealed(header, KEY) == header


def test_any_change_of_the_header_breaks_its_seal(tmp_path: Path) -> None:
    """Another interpreter in a header that we sealed, in all the ways to write it."""
    line = msgspec.json.encode(trust.sealed(header_of(python="/usr/bin/python3"), KEY))
    path = tmp_path / "run.jsonl"
    forged = [
        line.replace(b"/usr/bin/python3", b"/tmp/evil/python"),
        line[:-1] + b',"command":"other"}',
        line[:-1] + b',"seal":"' + b"0" * 64 + b'"}',
        line.replace(b'{"event"', b'{ "event"', 1),
        line.rpartition(b',"seal"')[0] + b"}",
    ]
    for text in forged:
        assert text != line
        path.write_bytes(text + b"\n")
        assert not trust.is_ours(path, msgspec.json.decode(text, type=Header), KEY)


def test_a_journal_without_a_seal_is_nobodys(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    assert not trust.is_ours(run.path, run.header, KEY)
    assert trust.sealed(run.header, None).seal == ""
