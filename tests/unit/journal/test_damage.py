"""What is damaged is told; kills and full disks; values have ranges."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daskbench.errors import JournalError
from daskbench.events import (
    SCHEMA,
    CaseFailed,
    Event,
    Finished,
    Resumed,
    Sample,
)
from daskbench.journal.read import read_run, read_status
from daskbench.journal.write import JournalWriter
from daskbench.model import Case, Published, Settings, Thresholds
from tests.unit.builders import (
    RUN_ID,
    make_header,
    make_lane,
    make_run,
    make_sample,
    timed,
    write_journal,
)
from tests.unit.journal.journals import EVENTS, WHOLE_LANE


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def rewrite(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def a_journal(folder: Path) -> Path:
    return make_run(folder).path


def test_a_cut_last_line_is_dropped(tmp_path: Path) -> None:
    path = a_journal(tmp_path)
    *whole, last = lines_of(path)
    run = read_run(rewrite(path, [*whole, last[:-1]]))
    assert run.finished is None
    assert run.status == "interrupted"
    assert run.whole_bytes == sum(map(len, whole))
    assert len(run.samples[1]) == 3


@pytest.mark.parametrize("damage", [b"{\n", b"\xff\xfe\n", b'{"event":"sample"}\n', b"\n", b"1\n"])
def test_a_damaged_line_inside_is_named(tmp_path: Path, damage: bytes) -> None:
    path = a_journal(tmp_path)
    lines = lines_of(path)
    rewrite(path, [*lines[:3], damage, *lines[4:]])
    with pytest.raises(JournalError, match=r"line 4: damaged") as error:
        read_run(path)
    assert str(path) in str(error.value)


def test_bytes_that_are_no_text_inside_a_line_are_named(tmp_path: Path) -> None:
    path = a_journal(tmp_path)
    lines = lines_of(path)
    lines[3] = lines[3].replace(b'"event":"sample"', b'"reason":"\xff","event":"sample"')
    with pytest.raises(JournalError, match=r"line 4: damaged"):
        read_run(rewrite(path, lines))


@pytest.mark.parametrize("event", [make_sample(2), make_lane(3), CaseFailed(5, "x", "y")])
def test_a_case_that_the_plan_lacks_is_named(tmp_path: Path, event: Event) -> None:
    path = write_journal(tmp_path / "run.jsonl", make_header(), [make_lane(0), event])
    with pytest.raises(JournalError, match=r"run\.jsonl, line 3: a case that is not in the plan"):
        read_run(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{}\n", b"not JSON\n", b'{"schema":1,"event":"\xff"}\n', b'{"event":"header'],
)
def test_what_is_no_journal_is_told(tmp_path: Path, content: bytes) -> None:
    path = rewrite(tmp_path / "run.jsonl", [content])
    with pytest.raises(JournalError, match=r"run\.jsonl, line 1: not the header of a run"):
        read_run(path)


def test_a_newer_schema_asks_for_an_upgrade(tmp_path: Path) -> None:
    path = rewrite(tmp_path / "run.jsonl", [b'{"schema":99,"event":"header","new":[]}\n'])
    with pytest.raises(
        JournalError, match=f"schema 99, but this daskbench reads only up to {SCHEMA}"
    ):
        read_run(path)


def test_a_missing_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"cannot read .*none\.jsonl: No such file"):
        read_run(tmp_path / "none.jsonl")


def test_after_a_kill_in_mid_line_the_run_goes_on_behind_its_last_whole_line(
    tmp_path: Path,
) -> None:
    path = make_run(tmp_path, timed(0, [0.1, 0.2]), finish=False).path
    with path.open("ab") as file:
        file.write(b'{"event":"sample","case":0,"rou')
    run = read_run(path)
    with JournalWriter.reopen(path, run.whole_bytes) as journal:
        journal.append(Resumed("2026-11-23T11:00:00+00:00", run.elapsed_s))
        journal.append(make_sample(round=3, wall_s=0.3))
    assert read_run(path).samples[0]["wall_s"].tolist() == [0.1, 0.2, 0.3]


def test_a_header_cut_before_its_line_end_is_not_lost_when_the_run_goes_on(tmp_path: Path) -> None:
    path = make_run(tmp_path, [], finish=False).path
    rewrite(path, [path.read_bytes()[:-1]])
    try:
        run = read_run(path)
    except JournalError:
        return  # refusing it is as good
    with JournalWriter.reopen(path, run.whole_bytes) as journal:
        journal.append(make_sample())
    assert len(read_run(path).samples[0]) == 1


def test_wherever_a_journal_is_cut_its_status_is_that_of_the_run(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(),
        Finished("interrupted", 1.0),
        Resumed("2026-11-23T11:00:00+00:00", 1.0),
        make_sample(round=2),
    ]
    path = make_run(tmp_path, events).path
    data = path.read_bytes()
    cut = tmp_path / "cut.jsonl"
    wrong = []
    for end in range(data.index(b"\n") + 1, len(data) + 1):
        cut.write_bytes(data[:end])
        if read_status(cut)[1] != read_run(cut).status:
            wrong.append(data[:end][-40:])
    assert wrong == []


def test_the_status_is_read_past_many_samples(tmp_path: Path) -> None:
    path = make_run(tmp_path, [make_sample(round=r) for r in range(1, 200)]).path
    header, status = read_status(path)
    assert (header.run_id, status) == (RUN_ID, "complete")


def test_a_journal_that_exists_is_never_written_over(tmp_path: Path) -> None:
    path = a_journal(tmp_path)
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"cannot create .*File exists"):
        JournalWriter.create(path, make_header())
    assert path.read_bytes() == before


def test_a_journal_that_cannot_be_created_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"cannot create .*No such file"):
        JournalWriter.create(tmp_path / "none" / "run.jsonl", make_header())


def test_a_full_disk_leaves_only_whole_lines(tmp_path: Path) -> None:
    script = """
        import resource, sys
        from pathlib import Path
        from daskbench.errors import JournalError
        from daskbench.journal.write import JournalWriter
        from tests.unit.builders import make_header, make_sample

        with JournalWriter.create(Path(sys.argv[1]), make_header()) as journal:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
            try:
                for number in range(1, 100):
                    journal.append(make_sample(round=number))
            except JournalError as error:
                print(error)
    """
    path = tmp_path / "run.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot write" in done.stdout
    assert "File too large; what it holds so far is kept" in done.stdout
    assert path.read_bytes().endswith(b"\n")
    samples = read_run(path).samples[0]
    assert samples["round"].tolist() == list(range(1, len(samples) + 1))
    assert len(samples) > 3


def test_after_a_refused_write_the_journal_takes_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "run.jsonl", os.write
    with JournalWriter.create(path, make_header()) as journal:
        calls: list[int] = []

        def half_then_full(descriptor: int, data: bytes) -> int:
            calls.append(len(data))
            if len(calls) == 2:
                raise OSError(28, "No space left on device")
            return real(descriptor, data[: len(data) // 2])

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half_then_full)
            with pytest.raises(JournalError, match="No space left on device"):
                journal.append(make_sample(round=1))
        journal.append(make_sample(round=2))
    assert read_run(path).samples[0]["round"].tolist() == [2]


def test_a_journal_whose_header_was_refused_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(JournalError, match="No space left"):
            JournalWriter.create(tmp_path / "run.jsonl", make_header())
    assert list(tmp_path.iterdir()) == []


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
        run = make_run(tmp_path, EVENTS, finish=False)
    assert run.lanes == {1: WHOLE_LANE}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wall_s", -1.0),
        ("wall_s", 0.0),
        ("wall_s", 1e300),
        ("wall_s", float("nan")),
        ("wall_s", float("inf")),
        ("at_s", -0.5),
        ("cpu_s", float("-inf")),
        ("others_cpu_s", float("nan")),
        ("tasks_run", -1),
        ("tasks_run", 2**80),
        ("loops", 0),
        ("launch", -1),
        ("session", 2**40),
        ("peak_rss_bytes", -1),
        ("figures", {"error": float("nan")}),
        ("flops", float("inf")),
        ("unheard_of", 1),
    ],
)
def test_a_value_that_no_sample_can_have_is_refused(field: str, value: Any) -> None:
    told = msgspec.to_builtins(make_sample()) | {field: value}
    with pytest.raises(msgspec.ValidationError, match=field.replace("figures", "error|figures|")):
        msgspec.convert(told, Sample)


def test_other_programs_may_seem_to_have_used_less_than_nothing() -> None:
    """The kernel counts in steps of 10 ms: a difference can come out below 0."""
    assert msgspec.convert(msgspec.to_builtins(make_sample(others_cpu_s=-0.01)), Sample)


@pytest.mark.parametrize(
    ("struct", "changes"),
    [
        (Settings, {"rounds": 0}),
        (Settings, {"launches": 10**9}),
        (Settings, {"timeout_s": -1.0}),
        (Thresholds, {"spill": 1.5}),
        (Published, {"scheduler": "threads", "mean_s": 0.0, "std_s": 0.0}),
        (Case, {"benchmark": "b", "scheduler": "s", "parameters": {"n": 2**60}}),
        (Case, {"benchmark": "b", "scheduler": "s", "parameters": {}, "workers": 0}),
    ],
)
def test_what_no_plan_can_have_is_refused(struct: type, changes: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(changes, struct)


def test_a_journal_that_was_removed_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "store" / "run.jsonl"
    path.parent.mkdir()
    with JournalWriter.create(path, make_header()) as journal:
        before = path.read_bytes()
        assert journal.keep() == (path, True)
        path.unlink()
        path.parent.rmdir()
        assert journal.keep() == (path, False)
        assert path.read_bytes() == before


def test_a_journal_that_was_replaced_is_kept_beside_what_took_its_place(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with JournalWriter.create(path, make_header()) as journal:
        before = path.read_bytes()
        path.unlink()
        path.write_text("another")
        kept, was_there = journal.keep()
    assert (kept.parent, was_there) == (tmp_path, False)
    assert kept.read_bytes() == before
    assert path.read_text() == "another"
