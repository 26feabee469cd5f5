"""The lock and the store."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daskbench.errors import JournalError, UsageError
from daskbench.journal.opening import is_live
from daskbench.journal.read import read_header, read_run, read_status
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from tests.unit.builders import (
    RUN_ID,
    make_header,
    make_sample,
    write_journal,
)


def test_a_journal_is_live_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with JournalWriter.create(path, make_header()) as journal:
        journal.append(make_sample())
        assert is_live(path)
        assert read_run(path).status == "running"
        assert read_status(path)[1] == "running"
    assert not is_live(path)
    assert read_run(path).status == "interrupted"


def test_nobody_else_writes_or_deletes_a_live_journal(tmp_path: Path) -> None:
    path = tmp_path / f"{RUN_ID}.jsonl"
    with JournalWriter.create(path, make_header()):
        with pytest.raises(JournalError, match="being measured by another"):
            JournalWriter.reopen(path, 0)
        with pytest.raises(UsageError, match=f"{RUN_ID} is being measured"):
            Store(tmp_path).delete(path)
    assert read_header(path).run_id == RUN_ID
    Store(tmp_path).delete(path)
    assert not path.exists()


def store_of(folder: Path, *run_ids: str) -> Store:
    for number, run_id in enumerate(run_ids):
        path = write_journal(folder / f"{run_id}.jsonl", make_header(run_id=run_id), [])
        os.utime(path, (1e9 + number, 1e9 + number))
    return Store(folder)


def test_runs_are_found_by_name_beginning_and_latest(tmp_path: Path) -> None:
    store = store_of(tmp_path, "20260103-a", "20260101-b", "20260102-c")
    assert store.run_ids == ["20260101-b", "20260102-c", "20260103-a"]
    assert store.find("20260102-c").stem == "20260102-c"
    assert store.find("20260101").stem == "20260101-b"
    assert store.find("latest").stem == "20260102-c"


def test_a_whole_name_wins_over_a_longer_one_that_it_begins(tmp_path: Path) -> None:
    assert store_of(tmp_path, "run", "run-2").find("run").stem == "run"


def test_a_beginning_of_several_runs_is_refused_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'2026' matches 2 runs: 20260101-a, 20260102-b"):
        store_of(tmp_path, "20260101-a", "20260102-b").find("2026")


def test_an_unknown_run_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no run '20260201-a'.*did you mean '20260101-a'"):
        store_of(tmp_path, "20260101-a").find("20260201-a")


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no runs in .*'daskbench schedulers'"):
        Store(tmp_path / "none").find("latest")


def test_names_of_runs_sort_by_time_and_differ(tmp_path: Path) -> None:
    store, times = Store(tmp_path), [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 10)]
    names = [store.new_id(time, "run") for time in times]
    assert names == sorted(names)
    assert len({store.new_id(times[0], "run") for _ in range(5)}) > 1


def test_a_prepared_store_is_ignored_by_git(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / ".daskbench")
    store.prepare()
    store.prepare()
    assert (store.folder / ".gitignore").read_text() == "*\n"


def test_a_store_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"cannot use the store .*file.*--store"):
        Store(tmp_path / "file").prepare()
