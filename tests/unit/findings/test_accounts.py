"""What accounts say: where the time went, what could be avoided, and what avoiding it did."""

from pathlib import Path

from daskbench.document.accounts import bar_of
from daskbench.events import Event, Unaccounted
from daskbench.experiments.report import Report
from daskbench.model import Case
from daskbench.stats.accounts import CaseAccount
from tests.unit.builders import (
    make_accounted,
    make_case,
    make_plan,
    make_report,
    make_suite,
    render,
    timed,
)

COLD, WARM = make_case("processes", 2), make_case("processes-warm", 2)


def reported(folder: Path, *rows: tuple[Case, float, dict[str, float]]) -> Report:
    """A report of cases with their seconds and the core-seconds of their causes."""
    events: list[Event] = []
    for number, (case, seconds, causes) in enumerate(rows):
        threads = case.workers or 1
        events += timed(number, [seconds, seconds * 1.01, seconds * 0.99])
        events += [make_accounted(number, seconds, threads, **causes) for _ in range(3)]
    return make_report(folder, events, make_plan(make_suite(*(case for case, _, _ in rows))))


def lines_of(report: Report) -> list[str]:
    [section] = [
        section
        for chapter in report.document.chapters
        for section in chapter.sections
        if section.heading.startswith("core-seconds")
    ]
    return [str(line) for line in section.lines]


def test_the_cause_comes_with_what_the_run_itself_saw(tmp_path: Path) -> None:
    report = reported(
        tmp_path,
        (COLD, 0.4, {"computing": 0.2, "starting": 0.5, "scheduling": 0.1}),
        (WARM, 0.15, {"computing": 0.2, "scheduling": 0.1}),
    )
    first, second, *_ = lines_of(report)
    assert first == (
        "processes × 2: starting 62%, computing 25%, scheduling 12%; unexplained 0%. Avoidable: "
        "0.50 core-s of starting; start the pool or cluster once, for several computes. "
        "processes-warm × 2, which has almost none of it, took 150 ms instead of 400 ms"
    )
    assert "took" not in second, "no row has less scheduling"


def test_waiting_for_the_gil_is_told_apart(tmp_path: Path) -> None:
    def line(gil_s: float, **more: float) -> str:
        case = make_case(workers=2)
        accounts = [make_accounted(0, 0.5, 2, computing=0.4, gil_s=gil_s, **more) for _ in range(3)]
        events: list[Event] = [*timed(0, [0.5, 0.5]), *accounts]
        folder = tmp_path / f"{gil_s} {more}"
        return lines_of(make_report(folder, events, make_plan(make_suite(case))))[0]

    held, free = line(0.5, waiting=0.6), line(0.01, waiting=0.6)
    assert "waiting in tasks 60% (for the GIL at most 50%)" in held
    assert held.endswith(
        "; the GIL was held for most of that time, so they may wait for it: use functions that "
        "release it, or processes"
    )
    assert "(for the GIL at most 1%)" in free
    assert free.endswith("not for the GIL: use functions that need no lock")
    between = line(0.2, waiting=0.6)
    assert between.endswith(
        "wait for a lock, the GIL or I/O: use functions that need no lock, or processes"
    ), "neither is shown"
    slowed = line(0.0, cores=0.6, throttled_s=0.7)
    assert "core wait 60%" in slowed
    assert "0.60 core-s of core wait (throttled for 700 ms); a control group limits" in slowed
    hardly = line(0.0, cores=0.6, throttled_s=0.01)
    assert "core wait; more threads want to run than there are cores" in hardly
    beside = line(0.5, waiting=0.6, beside_s=0.4)
    assert (
        "(meanwhile other threads or processes computed for 0.40 core-s); tasks may wait for thr"
        in beside
    )
    blind = line(0.0, waiting=0.6, sees_cores=False)
    assert blind.endswith("I/O or a core: here, the system does not tell which")


def test_advice_on_moving_data_is_by_how_many_bytes_tasks_have(tmp_path: Path) -> None:
    def line(moved_bytes: int) -> str:
        accounts = [
            make_accounted(0, 0.5, 2, computing=0.4, moving=0.6, moved_bytes=moved_bytes)
            for _ in range(3)
        ]
        folder, suite = tmp_path / f"{moved_bytes}", make_suite(make_case("processes-warm", 2))
        return lines_of(make_report(folder, [*timed(0, [0.5, 0.5]), *accounts], make_plan(suite)))[
            0
        ]

    assert "(48.8 KiB); data are moved in many small parts: use fewer, larger tasks" in line(50_000)
    assert "(477 MiB); keep data where they are, return less" in line(500_000_000)


def test_causes_that_are_not_of_the_number_of_tasks_have_advice_of_their_own(
    tmp_path: Path,
) -> None:
    """Each of the ten tasks took longer than Dask takes for one."""

    def line(name: str, **more: float) -> str:
        accounts = [make_accounted(0, 0.5, 2, tasks=10, **more) for _ in range(3)]
        events: list[Event] = [*timed(0, [0.5, 0.5]), *accounts]
        report = make_report(tmp_path / name, events, make_plan(make_suite(make_case(workers=2))))
        return lines_of(report)[0]

    pickling = line("pickling", computing=0.2, moving=0.7, moved_bytes=10_000)
    assert "(9.77 KiB); few bytes take long: their types are slow to serialise" in pickling
    held = line("held", computing=0.2, scheduling=0.7)
    assert "(35 ms for each task); Dask starts a task faster than that, so they wait" in held
    built = line("built", computing=0.2, graph=0.7, build_s=0.3)
    assert "(building it took 300 ms); the code that builds it works long beside" in built
    optimised = line("optimised", computing=0.2, graph=0.7, build_s=0.01)
    assert "of graph; build fewer, larger tasks" in optimised


def test_a_work_without_tasks_has_an_account(tmp_path: Path) -> None:
    """All that it computes was persisted before."""
    none = {"tasks_run": 0, "tasks_expected": 0}
    events: list[Event] = [
        *timed(0, [0.5, 0.5], **none),
        *(make_accounted(0, 0.5, 2, graph=0.9, tasks=0) for _ in range(3)),
    ]
    report = make_report(tmp_path, events, make_plan(make_suite(make_case(workers=2))))
    assert lines_of(report)[0].startswith("threads × 2: graph 90%; unexplained 10%. Avoidable")


def test_the_rest_is_shown(tmp_path: Path) -> None:
    report = reported(tmp_path, (make_case(workers=2), 1.0, {"computing": 1.9}))
    assert lines_of(report)[0] == "threads × 2: computing 95%; unexplained 5%"


def test_a_lock_is_compared_with_the_same_case_without(tmp_path: Path) -> None:
    report = reported(
        tmp_path,
        (make_case(workers=2), 0.4, {"computing": 0.4, "waiting": 0.4}),
        (make_case(workers=2, rng="generator"), 0.2, {"computing": 0.4}),
    )
    [section, *_] = [
        section
        for chapter in report.document.chapters
        for section in chapter.sections
        if section.heading.startswith("core-seconds")
    ]
    assert "rng=generator on threads × 2, which has almost none of it, took 200 ms" in str(
        section.lines[0]
    )


def test_instruments_that_disturb_are_told(tmp_path: Path) -> None:
    case = make_case(workers=2)
    events: list[Event] = [
        *timed(0, [1.0, 1.0, 1.0]),
        *(make_accounted(0, 1.3, 2) for _ in range(3)),
    ]
    report = make_report(tmp_path, events, make_plan(make_suite(case)))
    lines = lines_of(report)
    assert "With instruments on, each row's 3 samples took 1.30 times as long as without." in lines
    assert any("more than 10 %" in line for line in lines)


def test_findings_from_times_alone_give_way(tmp_path: Path) -> None:
    bare = reported(tmp_path / "a", (COLD, 0.4, {}), (make_case("numpy"), 0.1, {}))
    assert not {"pool-start", "overhead", "shared-lock"} & {note.code for note in bare.notes}


def test_every_format_shows_it(tmp_path: Path) -> None:
    report = reported(tmp_path, (COLD, 0.4, {"computing": 0.2, "starting": 0.6}))
    for view in ("table", "plain", "markdown"):
        text = render(view, report)
        assert "█" * 10 + "s" * 30 in text, view
        assert "█ computing, s starting" in text, view
    assert "starting_core_s" in render("csv", report).splitlines()[0]
    assert '"raw_accounts"' in render("json", report)


def test_bars_have_one_length(tmp_path: Path) -> None:
    report = reported(tmp_path, (COLD, 0.4, {"computing": 0.21, "starting": 0.333, "own": 0.01}))
    [account] = report.accounts
    assert isinstance(account, CaseAccount)
    for width in (1, 7, 40, 101):
        assert len(bar_of(account, width)) == width


def test_without_any_account_no_cause_is_drawn(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, [1.0, 1.0]), Unaccounted(0, "its lane ended")]
    plan = make_plan(make_suite(make_case(workers=2), why=True))
    text = render("plain", make_report(tmp_path, events, plan))
    assert "core-seconds by cause\n" in text
    assert "no account, as it failed: its lane ended" in text


def test_rows_without_an_account_say_why(tmp_path: Path) -> None:
    cases = (make_case(workers=2), COLD, WARM, make_case("synchronous", 1))
    events: list[Event] = [row for number in range(4) for row in timed(number, [1.0, 1.0])]
    events += [make_accounted(0, 1.0, 2, computing=2.0), Unaccounted(0, "it was killed")]
    events += [make_accounted(1, 1.0, 2, valid=False, reason="0 of 100 tasks ran")]
    events += [Unaccounted(2, "its lane ended")]
    report = make_report(tmp_path, events, make_plan(make_suite(*cases, why=True)))
    assert lines_of(report)[-4:] == [
        "threads × 2: its account is of 1 sample: it was killed",
        "processes × 2: no account, as it was invalid: 0 of 100 tasks ran",
        "processes-warm × 2: no account, as it failed: its lane ended",
        "synchronous × 1: no account, as the run ended before",
    ]
