from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from daskbench.cli.progress import Progress, Silent
from daskbench.conductor.conduct import Activity
from daskbench.events import CaseFailed, SuiteFinished, Unaccounted
from daskbench.model import Plan
from tests.unit.builders import (
    make_case,
    make_hardware_case,
    make_invalid,
    make_lane,
    make_plan,
    make_sample,
    make_suite,
)
from tests.unit.fakes import Clock


class Screen:
    """A progress on a made-up terminal; `now` is what it would show."""

    def __init__(self, plan: Plan, width: int = 100, height: int = 30) -> None:
        self.clock = Clock()
        self.text = StringIO()
        self.console = Console(
            file=self.text, force_terminal=True, width=width, height=height, color_system=None
        )
        self.progress = Progress(plan, self.console, self.clock)

    @property
    def now(self) -> str:
        with self.console.capture() as capture:
            self.console.print(self.progress._picture())
        return capture.get()

    def line_of(self, place: str) -> str:
        return next(line for line in self.now.splitlines() if line.startswith(place))

    def sample(self, case: int, seconds: float, **changes: Any) -> None:
        self.progress.show(Activity(case, "round 1"))
        self.clock.now += seconds
        self.progress.show(make_sample(case, wall_s=seconds, **changes))


def two_cases(rounds: int = 3, warmup: int = 1) -> Screen:
    suite = make_suite(make_case("numpy"), make_case(workers=2), rounds=rounds, warmup=warmup)
    return Screen(make_plan(suite))


def test_before_anything_happens_every_case_is_there_without_figures() -> None:
    screen = two_cases()
    assert screen.line_of("numpy").split() == ["numpy", "0/3"]
    assert screen.line_of("threads × 2").split()[-1] == "0/3"
    assert "to go" not in screen.now
    assert "Ctrl-C stops" in screen.now


def test_what_a_case_does_is_shown() -> None:
    screen = two_cases()
    screen.progress.show(Activity(0, "starting"))
    assert "starting" in screen.line_of("numpy")
    screen.progress.show(make_lane(0))
    assert "ready" in screen.line_of("numpy")


def test_the_running_mean_is_that_of_valid_samples_in_rounds() -> None:
    screen = two_cases()
    screen.sample(0, 9.0, round=0, warmup=True)
    assert "warm: 9 s" in screen.line_of("numpy")
    screen.sample(0, 0.1)
    screen.sample(0, 0.2)
    screen.progress.show(make_invalid(0))
    line = screen.line_of("numpy")
    assert "3/3" in line
    assert "150 ms" in line
    assert "invalid: 0 of 100 tasks ran" in line


def test_the_running_mean_is_that_of_one_loop() -> None:
    screen = two_cases()
    screen.sample(0, 1.0, loops=100)
    assert "10 ms" in screen.line_of("numpy")


def test_a_failed_case_says_why() -> None:
    screen = two_cases()
    screen.progress.show(CaseFailed(1, "at the start", "no port"))
    assert "failed: no port" in screen.line_of("threads × 2")


def test_an_account_that_failed_says_why() -> None:
    screen = two_cases()
    screen.progress.show(Unaccounted(1, "its lane ended"))
    assert "no account: its lane ended" in screen.line_of("threads × 2")


def test_the_estimate_counts_what_is_left_at_the_pace_so_far() -> None:
    screen = two_cases(rounds=3, warmup=1)
    screen.sample(0, 2.0, round=0, warmup=True)
    assert screen.progress.remaining_s() == pytest.approx(3 * 2 + 4 * 2)
    screen.sample(1, 4.0, round=0, warmup=True)
    assert screen.progress.remaining_s() == pytest.approx(3 * 2 + 3 * 4)
    screen.sample(0, 2.0)
    assert screen.progress.remaining_s() == pytest.approx(2 * 2 + 3 * 4)
    assert "8 s, about 16 s to go" in screen.now


def test_when_all_is_measured_nothing_is_left() -> None:
    screen = two_cases(rounds=1)
    for case in (0, 1):
        screen.sample(case, 1.0, round=0, warmup=True)
        screen.sample(case, 1.0)
    assert screen.progress.remaining_s() == 0


def test_a_case_that_never_started_leaves_nothing_to_do() -> None:
    screen = two_cases(rounds=1)
    screen.progress.show(CaseFailed(1, "at the start", "no port"))
    screen.sample(0, 1.0, round=0, warmup=True)
    screen.sample(0, 1.0)
    assert screen.progress.remaining_s() == 0


def test_what_a_budget_ended_leaves_nothing_to_do() -> None:
    screen = two_cases(rounds=9)
    screen.sample(0, 1.0)
    screen.progress.show(SuiteFinished("suite", 1, "budget"))
    assert screen.progress.remaining_s() == 0


def test_the_budget_of_a_suite_counts_from_its_own_beginning() -> None:
    suites = [make_suite(make_case("numpy"), name=n, budget_s=10.0, rounds=99) for n in "ab"]
    screen = Screen(make_plan(*suites))
    screen.sample(0, 3.0)
    assert screen.progress.remaining_s() == pytest.approx(17)
    screen.progress.show(SuiteFinished("a", 1, "complete"))
    screen.sample(1, 2.0)
    assert screen.progress.remaining_s() == pytest.approx(8)


# Launches and precision


def launched(**settings: Any) -> Screen:
    usual: dict[str, Any] = {"rounds": 2, "warmup": 1, "launches": 3}
    return Screen(make_plan(make_suite(make_case("numpy"), **usual | settings)))


def test_samples_of_all_launches_are_counted() -> None:
    screen = launched()
    assert "0/6" in screen.line_of("numpy")
    screen.sample(0, 1.0)
    screen.sample(0, 1.0)
    screen.sample(0, 1.0, launch=1, round=3)
    assert "3/6" in screen.line_of("numpy")


def test_each_launch_has_a_warm_up_to_come() -> None:
    screen = launched()
    screen.sample(0, 1.0, round=0, warmup=True)
    assert screen.progress.remaining_s() == 6 + 2
    screen.sample(0, 1.0)
    screen.sample(0, 1.0)
    assert screen.progress.remaining_s() == 4 + 2
    screen.sample(0, 1.0, round=0, warmup=True, launch=1)
    assert screen.progress.remaining_s() == 4 + 1


def test_a_resumed_run_has_the_launches_to_come_that_are_left() -> None:
    screen = launched()
    plan = make_plan(make_suite(make_case("numpy"), rounds=2, launches=3))
    screen.progress = Progress(plan, screen.console, screen.clock, done={0: 2})
    screen.sample(0, 1.0, round=3, launch=1)
    assert screen.progress.remaining_s() == 3 + 1


def test_with_a_precision_there_is_no_total_beyond_the_least() -> None:
    screen = launched(launches=1, precision=0.02, budget_s=100.0)
    assert "0/15+" in screen.line_of("numpy")
    for _ in range(14):
        screen.sample(0, 1.0)
    assert "14/15+" in screen.line_of("numpy")
    assert "at most 1min 26s to go" in screen.now
    screen.sample(0, 1.0)
    assert screen.line_of("numpy").split()[1] == "15"
    screen.progress.show(SuiteFinished("suite", 15, "complete"))
    assert "about 1 s to go" in screen.now


def test_without_a_budget_a_precision_has_no_end_that_is_known() -> None:
    screen = launched(launches=1, precision=0.02)
    screen.sample(0, 1.0)
    assert "to go" not in screen.now


def test_what_the_machine_can_do_has_no_precision_to_reach() -> None:
    suite = make_suite(make_hardware_case(), rounds=7, precision=0.02)
    screen = Screen(make_plan(suite))
    assert "0/7" in screen.now
    assert "+" not in screen.now


def test_a_tick_redraws_only_an_old_picture() -> None:
    screen = two_cases()
    with screen.progress:
        drawn = len(screen.text.getvalue())
        screen.clock.now += 0.3
        screen.progress.tick()
        assert len(screen.text.getvalue()) == drawn
        screen.clock.now += 0.3
        screen.progress.tick()
        assert len(screen.text.getvalue()) > drawn


def test_the_time_goes_on_while_nothing_happens() -> None:
    screen = two_cases()
    screen.clock.now += 75
    assert "1min 15s" in screen.now


def test_nothing_is_wider_or_higher_than_the_terminal() -> None:
    cases = [make_case(workers=workers) for workers in range(1, 60)]
    screen = Screen(make_plan(make_suite(*cases)), width=40, height=12)
    for current in (0, 30, 58):
        screen.progress.show(Activity(current, "a long phase that would never fit into this line"))
        lines = screen.now.splitlines()
        assert len(lines) < 12
        assert max(map(len, lines)) <= 40
        assert any(line.startswith(f"threads × {current + 1} ") for line in lines)


def test_wide_characters_leave_the_columns_in_place() -> None:
    """A reason or a name of them takes twice as many columns as it has characters."""
    cases = [make_case(workers=2, rng=f"{'測' * 60}{n}") for n in range(2)]
    screen = Screen(make_plan(make_suite(*cases)), width=80)
    screen.progress.show(make_sample(0, 1, 0.1))
    screen.progress.show(make_invalid(1, 1, reason="理由" * 40))
    first, second, *_ = screen.now.splitlines()
    assert "測0)  1/7  100 ms" in first
    assert "測1)  1/7  " in second
    assert "invalid: 理" in second
    assert max(map(cell_len, screen.now.splitlines())) <= 80


def test_the_picture_goes_away_at_the_end() -> None:
    screen = two_cases()
    with screen.progress:
        screen.progress.show(Activity(0, "starting"))
        assert "starting" in screen.text.getvalue()
    assert screen.text.getvalue().endswith("\x1b[2K")
    assert "\x1b[?25h" in screen.text.getvalue()


def test_silence_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Silent() as silent:
        silent.show(Activity(0, "starting"))
        silent.tick()
    assert capsys.readouterr() == ("", "")


HOSTILE = "[/x] [bold]b \x1b[31m\x9b1m\n\u202eend"


def test_text_from_outside_is_shown_and_does_nothing() -> None:
    screen = Screen(make_plan(make_suite(make_case("numpy"), make_case(workers=2, rng=HOSTILE))))
    screen.progress.show(CaseFailed(0, "in round 1", HOSTILE))
    with screen.console.capture() as said:
        screen.progress.say(f"dashboard of {HOSTILE}")
    for text in (screen.now, said.get()):
        assert not {"\x1b", "\x9b", "\u202e"} & {*text}
        assert r"[/x] [bold]b \x1b[31m" in text


def test_cases_that_differ_in_parameters_alone_have_different_names() -> None:
    cases = [make_case(workers=2, n=n) for n in (10, 100, 1000)]
    screen = Screen(make_plan(make_suite(*cases)))
    names = [line.partition(")")[0] for line in screen.now.splitlines()[:3]]
    assert names == [f"threads × 2 (n={n}" for n in (10, 100, 1000)]
