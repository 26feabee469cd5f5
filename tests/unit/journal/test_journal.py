"""What is written is read; The frame."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daskbench.errors import JournalError, UsageError
from daskbench.events import (
    CaseFailed,
    Event,
    Finished,
    Happening,
    Reading,
    Resumed,
    Sample,
    SuiteFinished,
    WorkerEvent,
)
from daskbench.experiments.report import build
from daskbench.formats import FORMATS
from daskbench.journal.read import read_header, read_run
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Cluster, Published, Settings, Suite, Thresholds
from tests.unit.builders import (
    RUN_ID,
    make_case,
    make_event,
    make_header,
    make_invalid,
    make_plan,
    make_reading,
    make_run,
    make_sample,
    make_suite,
    render,
    write_journal,
)
from tests.unit.journal.journals import (
    EVENTS,
    WHOLE_ACCOUNT,
    WHOLE_EVENT,
    WHOLE_LANE,
    WHOLE_READING,
    WHOLE_SAMPLE,
)

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


def test_every_event_survives_writing_and_reading(tmp_path: Path) -> None:
    run = make_run(tmp_path, EVENTS, finish=False)
    assert run.lanes == {1: WHOLE_LANE}
    assert run.accounts == {1: [WHOLE_ACCOUNT]}
    assert run.readings == {1: [WHOLE_READING]}
    assert run.happenings == {1: [WHOLE_EVENT]}
    assert run.failures == {0: EVENTS[-4]}
    assert run.unaccounted == {0: EVENTS[-3]}
    assert run.ended_suites == {"suite": EVENTS[-2]}
    assert run.finished == EVENTS[-1]
    assert run.elapsed_s == 20
    [row] = run.samples[1].rows()
    written = msgspec.structs.asdict(WHOLE_SAMPLE)
    assert written.pop("case") == 1
    assert written.pop("figures") == {"error": 1e-15}
    assert run.samples[1].transfers == {0: written.pop("transfers")}
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
    assert [
        row | {"case": 0, "figures": {}, "transfers": ()} for row in run.samples[0].rows()
    ] == expected


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
    with pytest.raises(JournalError, match="line 2: a case that is not in the plan"):
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
    path.write_bytes(SCHEMA_1.replace(b'"schema":1', b'"schema":7'))
    with pytest.raises(JournalError, match="schema 7, but this daskbench reads only up to 6"):
        read_run(path)


def test_the_second_sample_of_a_round_is_averaged_with_the_first(tmp_path: Path) -> None:
    lines = [
        make_sample(round=1, wall_s=2.0),
        make_sample(round=2, wall_s=5.0),
        make_sample(round=1, wall_s=8.0, again=True),
    ]
    samples = read_run(write_journal(tmp_path / "again.jsonl", make_header(), lines)).samples[0]
    rounds = samples.by_round()
    assert rounds.rounds.tolist() == [1, 2]
    assert rounds.seconds == pytest.approx([4.0, 5.0])  # the geometric mean
    assert samples.loop_s.tolist() == [2.0, 5.0, 8.0]
    assert [row["again"] for row in samples.rows()] == [False, False, True]


def test_a_second_sample_that_is_there_twice_is_damage(tmp_path: Path) -> None:
    lines = [make_sample(), *[make_sample(again=True)] * 2]
    with pytest.raises(JournalError, match=r"case 0 has round 1 .* twice"):
        read_run(write_journal(tmp_path / "twice.jsonl", make_header(), lines))


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
