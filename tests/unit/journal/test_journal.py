import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daskbench.errors import JournalError, UsageError
from daskbench.events import (
    SCHEMA,
    Blas,
    CaseFailed,
    Event,
    Finished,
    Happening,
    LaneStarted,
    Reading,
    Resumed,
    Sample,
    SuiteFinished,
    WorkerEvent,
)
from daskbench.experiments.report import build
from daskbench.formats import FORMATS
from daskbench.journal.opening import is_live
from daskbench.journal.read import read_header, read_run, read_status
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Case, Cluster, Published, Settings, Suite, Thresholds
from tests.unit.builders import (
    RUN_ID,
    make_case,
    make_event,
    make_header,
    make_invalid,
    make_lane,
    make_plan,
    make_reading,
    make_run,
    make_sample,
    make_suite,
    render,
    timed,
    write_journal,
)

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
WHOLE_SAMPLE = Sample(
    case=1,
    round=3,
    wall_s=0.352,
    tasks_expected=700,
    tasks_run=699,
    valid=False,
    loops=7,
    launch=1,
    warmup=True,
    answer_ok=False,
    reason="699 of 700 tasks ran",
    at_s=12.5,
    build_s=0.01,
    cpu_s=0.34,
    first_task_s=0.02,
    peak_rss_bytes=123_456_789,
    workers_lost=1,
    workers_rss_bytes=5,
    others_cpu_s=-0.01,
    swap_bytes=4096,
    throttled_s=0.5,
    figures={"error": 1e-15},
)
WHOLE_READING = Reading(
    case=1,
    at_s=12.0,
    worker="tcp://127.0.0.1:1",
    process_bytes=100,
    managed_bytes=60,
    unmanaged_bytes=30,
    unmanaged_recent_bytes=10,
    spilled_bytes=7,
    state="paused",
    span_s=0.5,
    written_bytes=6,
    monitor_bytes=5,
    read_bytes=4,
    write_s=0.3,
    read_s=0.2,
)
WHOLE_EVENT = WorkerEvent(1, 12.25, "0", "terminated", 99)
EVENTS: list[Event] = [
    WHOLE_READING,
    WHOLE_EVENT,
    WHOLE_LANE,
    WHOLE_SAMPLE,
    CaseFailed(0, "in round 2", "its lane ended", "a traceback\nof two lines"),
    SuiteFinished("suite", 3, "budget"),
    Finished("budget", 20.0),
]


#: As daskbench wrote it before it read memory.
SCHEMA_1 = b"""\
{"event":"header","schema":1,"run_id":"old","command":"schedulers","started":"2026-11-20T10:15:00\
+00:00","plan":{"suites":[{"name":"s","cases":[{"benchmark":"calc_mean","scheduler":"threads",\
"parameters":{"n":10,"tasks":2,"rng":"legacy"},"workers":2}],"settings":{"rounds":1}}]},\
"environment":{"host":"here","cores":4,"versions":{}}}
{"event":"lane","case":0,"launch":0,"startup_s":0.5,"tasks":2,"workers":2,"threads_per_worker":1}
{"event":"sample","case":0,"round":1,"wall_s":0.5,"tasks_expected":2,"tasks_run":2,"valid":true,\
"answer_ok":true,"at_s":1.0,"peak_rss_bytes":12345}
{"event":"suite-finished","suite":"s","rounds":1,"reason":"complete"}
{"event":"finished","reason":"complete","elapsed_s":1.5}
"""


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def rewrite(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def a_journal(folder: Path) -> Path:
    return make_run(folder).path


# What is written is read


def test_every_event_survives_writing_and_reading(tmp_path: Path) -> None:
    run = make_run(tmp_path, EVENTS, finish=False)
    assert run.lanes == {1: WHOLE_LANE}
    assert run.readings == {1: [WHOLE_READING]}
    assert run.happenings == {1: [WHOLE_EVENT]}
    assert run.failures == {0: EVENTS[-3]}
    assert run.ended_suites == {"suite": EVENTS[-2]}
    assert run.finished == EVENTS[-1]
    assert run.elapsed_s == 20
    [row] = run.samples[1].rows()
    written = msgspec.structs.asdict(WHOLE_SAMPLE)
    assert written.pop("case") == 1
    assert written.pop("figures") == {"error": 1e-15}
    assert row == written | {"error": 1e-15}


def test_the_header_survives_with_the_whole_plan(tmp_path: Path) -> None:
    suite = Suite(
        "lesson",
        (make_case("numpy"), make_case("distributed", 2, 4)),
        make_suite(rounds=3, warmup=0, budget_s=60.0, timeout_s=1.5, blas_threads=None).settings,
        Cluster(address="tls://there:8786", tls_ca="ca.pem", tls_cert="c.pem", tls_key="k.pem"),
        (Published("distributed", 0.357, 0.131, 2),),
    )
    header = make_header(make_plan(suite, seed=7))
    assert read_header(write_journal(tmp_path / "run.jsonl", header, [])) == header


SECONDS = st.floats(0, 1e9)
DIFFERENCES = st.floats(-1e9, 1e9)
COUNTS = st.integers(0, 2**53 - 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            Sample,
            case=st.just(0),
            round=st.integers(0, 10**6),
            wall_s=st.floats(1e-9, 1e9),
            tasks_expected=COUNTS,
            tasks_run=COUNTS,
            valid=st.booleans(),
            loops=st.integers(1, 10**6),
            warmup=st.booleans(),
            answer_ok=st.none() | st.booleans(),
            reason=st.none() | st.text(),
            cpu_s=st.none() | DIFFERENCES,
            first_task_s=st.none() | DIFFERENCES,
            peak_rss_bytes=st.none() | COUNTS,
            others_cpu_s=DIFFERENCES,
        ),
        max_size=5,
    )
)
def test_any_samples_survive_writing_and_reading(tmp_path: Path, samples: list[Sample]) -> None:
    path = tmp_path / "any.jsonl"
    path.unlink(missing_ok=True)
    samples = [msgspec.structs.replace(one, round=n) for n, one in enumerate(samples, 1)]
    run = read_run(write_journal(path, make_header(), samples))
    expected = [msgspec.structs.asdict(sample) for sample in samples]
    assert [row | {"case": 0, "figures": {}} for row in run.samples[0].rows()] == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            Reading,
            case=st.just(1),
            at_s=SECONDS,
            worker=st.text(),
            process_bytes=COUNTS,
            managed_bytes=COUNTS,
            unmanaged_bytes=COUNTS,
            unmanaged_recent_bytes=COUNTS,
            spilled_bytes=COUNTS,
            state=st.text(),
            span_s=SECONDS,
            written_bytes=COUNTS,
            write_s=SECONDS,
        ),
        max_size=5,
    ),
    st.lists(
        st.builds(
            WorkerEvent,
            case=st.just(1),
            at_s=SECONDS,
            worker=st.text(),
            what=st.sampled_from(get_args(Happening)),
            rss_bytes=st.none() | COUNTS,
        ),
        max_size=5,
    ),
)
def test_any_readings_and_events_survive_writing_and_reading(
    tmp_path: Path, readings: list[Reading], events: list[WorkerEvent]
) -> None:
    path = tmp_path / "any.jsonl"
    path.unlink(missing_ok=True)
    run = read_run(write_journal(path, make_header(), [*readings, *events]))
    assert run.readings.get(1, []) == readings
    assert run.happenings.get(1, []) == events


@pytest.mark.parametrize("last", [make_reading(7.0), make_event("paused", 7.0)])
def test_what_workers_held_last_tells_how_long_a_killed_run_went_on(
    tmp_path: Path, last: Event
) -> None:
    """So that what is measured after a resume does not lie before it."""
    run = make_run(tmp_path, [make_sample(at_s=2.0), last], finish=False)
    assert run.elapsed_s == 7.0


@pytest.mark.parametrize("line", [WHOLE_READING, WHOLE_EVENT])
def test_a_reading_of_a_case_that_is_not_planned_is_told(tmp_path: Path, line: Event) -> None:
    other = msgspec.structs.replace(line, case=9)
    with pytest.raises(JournalError, match="line 2: a case that the plan does not have"):
        make_run(tmp_path, [other])


def test_a_journal_of_schema_1_is_read(tmp_path: Path) -> None:
    """It knows no thresholds, no readings and no proportional memory."""
    path = tmp_path / "old.jsonl"
    path.write_bytes(SCHEMA_1)
    run = read_run(path)
    assert run.header.schema == 1
    assert run.plan.suites[0].settings == Settings(rounds=1)
    assert run.plan.suites[0].cases[0].thresholds == Thresholds()
    assert (run.readings, run.happenings) == ({}, {})
    assert (run.lanes[0].workers, run.lanes[0].thresholds) == (2, {})
    assert run.status == "complete"
    (row,) = run.samples[0].rows()
    assert (row["peak_rss_bytes"], row["peak_pss_bytes"]) == (12345, None)
    for view in FORMATS:
        assert "threads" in render(view, build(run))


def test_a_journal_of_a_later_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "later.jsonl"
    path.write_bytes(SCHEMA_1.replace(b'"schema":1', b'"schema":5'))
    with pytest.raises(JournalError, match="schema 5, this daskbench reads up to 4"):
        read_run(path)


def test_a_round_that_is_there_twice_is_damage(tmp_path: Path) -> None:
    path = write_journal(tmp_path / "twice.jsonl", make_header(), [make_sample(), make_sample()])
    with pytest.raises(JournalError, match=r"twice\.jsonl: damaged \(case 0 has round 1 .* twice"):
        read_run(path)


def test_a_header_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    header = msgspec.structs.replace(make_header(), started="never")
    with pytest.raises(JournalError, match="could not be read again"):
        JournalWriter.create(tmp_path / "run.jsonl", header)
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_counting_where_it_was_resumed(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(at_s=4.0),
        CaseFailed(1, "in round 1", "gone"),
        SuiteFinished("suite", 1, "budget"),
        Finished("interrupted", 5.0),
        Resumed("2026-11-23T11:00:00+00:00", 5.0),
        make_sample(round=2, at_s=9.0),
    ]
    run = make_run(tmp_path, events, finish=False)
    assert run.finished is None
    assert run.failures == {}
    assert run.ended_suites == {}
    assert run.elapsed_s == 9
    assert len(run.samples[0]) == 2


# What is damaged is told


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
    with pytest.raises(JournalError, match=r"run\.jsonl, line 3: a case that the plan does not"):
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
    with pytest.raises(JournalError, match=f"schema 99, this daskbench reads up to {SCHEMA}"):
        read_run(path)


def test_a_missing_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"cannot read .*none\.jsonl: No such file"):
        read_run(tmp_path / "none.jsonl")


# Kills and full disks


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
    assert "File too large; what it holds already is kept" in done.stdout
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


# The lock


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


# The store


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
    with pytest.raises(UsageError, match="'2026' begins 2 runs: 20260101-a, 20260102-b"):
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


# The frame


def test_the_frame_has_one_row_a_sample_with_its_case(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(0, 0, 0.5, warmup=True),
        make_sample(0, 1, 0.1),
        make_invalid(1, 1),
    ]
    frame = make_run(tmp_path, events).frame()
    assert frame["scheduler"].tolist() == ["numpy", "numpy", "threads"]
    assert frame["warmup"].tolist() == [True, False, False]
    assert frame["valid"].tolist() == [True, True, False]
    assert frame["wall_s"].tolist() == [0.5, 0.1, 0.001]
    assert frame["n"].tolist() == [100_000] * 3
    assert frame["run_id"].tolist() == [RUN_ID] * 3
    assert frame["reason"].isna().tolist() == [True, True, False]
    assert frame["workers"].isna().tolist() == [True, True, False]


def test_the_frame_of_a_run_without_samples_is_empty(tmp_path: Path) -> None:
    assert len(make_run(tmp_path, []).frame()) == 0


def test_a_file_is_found_by_its_path_but_never_deleted_by_it(tmp_path: Path) -> None:
    run = make_run(tmp_path, [make_sample()])
    elsewhere = Store(tmp_path / "elsewhere")
    assert elsewhere.find_or_file(str(run.path)) == run.path
    with pytest.raises(UsageError, match="no runs in"):
        elsewhere.find(str(run.path))


# Values have ranges


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
