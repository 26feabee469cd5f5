"""The time of threads is divided among causes without a rest that nobody sees."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.lane.accounting.account import account_of, total
from daskbench.lane.accounting.facts import Compute, Facts, Inside, Span, Task
from daskbench.lane.accounting.graph import critical_path_s, placed
from daskbench.lane.accounting.phases import Call, phases_of
from daskbench.lane.protocol import CAUSES, Account

_TIMES = st.floats(0, 10, allow_nan=False)


@st.composite
def schedules(draw: st.DrawFn) -> Facts:
    """Tasks on threads that run one at a time, and anything else at any time."""
    threads = draw(st.integers(1, 4))
    tasks: list[Task] = []
    for _ in range(threads):
        ends = sorted(draw(st.lists(_TIMES, max_size=8)))
        for start, stop in zip(ends[::2], ends[1::2], strict=False):
            needs = draw(st.lists(st.integers(0, len(tasks)), max_size=2))
            tasks.append(Task(len(tasks), start, stop, needs))
    spans = st.tuples(st.sampled_from(["starting", "disk", "moving"]), _TIMES, _TIMES)
    return Facts(
        threads=threads,
        start=0.0,
        stop=10.0,
        computes=[Compute(draw(_TIMES), tasks)],
        phases=[Span("own", 0.0, 10.0)],
        holds=[Span(*one) for one in draw(st.lists(spans, max_size=4))],
        inside=Inside(*(draw(_TIMES) for _ in range(5))),
        disk_s=draw(_TIMES),
    )


@given(schedules(), st.floats(0, 5))
def test_the_causes_add_up_to_wall_times_threads(facts: Facts, build_s: float) -> None:
    account = account_of(facts, build_s)
    assert account.whole_s == pytest.approx((10 + build_s) * facts.threads)
    assert sum(account.causes.values()) == pytest.approx(account.whole_s)
    assert min(account.causes.values()) >= 0
    assert account.causes["graph"] == pytest.approx(build_s * facts.threads)
    assert account.system_s <= account.causes["computing"]


@given(schedules())
def test_what_nothing_explains_is_the_rest(facts: Facts) -> None:
    bare = Facts(facts.threads, facts.start, facts.stop, facts.computes, inside=facts.inside)
    account = account_of(bare)
    assert sum(account.causes.values()) <= account.whole_s * (1 + 1e-9)
    assert account.causes["own"] == 0


def causes(threads: int, *tasks: Task, known: float = 0.0, stop: float = 10.0, **more: Any) -> Any:
    facts = Facts(threads, 0.0, stop, [Compute(known, tasks)], **more)
    account = account_of(facts)
    return {name: value for name, value in account.causes.items() if value > 1e-9}


def test_a_chain_leaves_other_threads_idle() -> None:
    chain = [Task(n, float(n), n + 1.0, [n - 1] if n else []) for n in range(10)]
    assert causes(3, *chain, inside=Inside(cpu_s=10)) == {"computing": 10.0, "critical": 20.0}


def test_the_last_of_many_runs_alone() -> None:
    tasks = [Task(0, 0, 10), Task(1, 0, 2), Task(2, 2, 4)]
    found = causes(2, *tasks, inside=Inside(cpu_s=14))
    assert found == {"computing": 14.0, "imbalance": 6.0}


def test_a_last_step_of_one_task_is_the_critical_path() -> None:
    tasks = [Task(0, 0, 5), Task(1, 0, 5), Task(2, 5, 10, [0, 1])]
    found = causes(2, *tasks, inside=Inside(cpu_s=15))
    assert found == {"computing": 15.0, "critical": 5.0}


def test_a_free_thread_waits_for_the_scheduler_while_a_task_is_ready() -> None:
    tasks = [Task(0, 1, 4), Task(1, 6, 10, [0])]
    found = causes(1, *tasks, inside=Inside(cpu_s=7))
    assert found == {"computing": 7.0, "scheduling": 3.0}


def test_only_as_many_threads_wait_as_tasks_are_ready() -> None:
    found = causes(3, Task(0, 2, 10), inside=Inside(cpu_s=8))
    assert found == {"computing": 8.0, "scheduling": 2.0, "critical": 20.0}


def test_the_last_of_many_keeps_threads_from_work_before_it_starts() -> None:
    tasks = [Task(0, 0, 4), Task(1, 0, 4), Task(2, 6, 10)]
    found = causes(2, *tasks, inside=Inside(cpu_s=12))
    assert found == {"computing": 12.0, "scheduling": 2.0, "imbalance": 6.0}


def test_data_in_transit_are_not_scheduling() -> None:
    tasks = [Task(0, 0, 4), Task(1, 6, 10, [0])]
    held = causes(1, *tasks, holds=[Span("moving", 4.5, 6)], inside=Inside(cpu_s=8))
    assert held == {"computing": 8.0, "moving": 1.5, "scheduling": 0.5}
    client = causes(1, *tasks, transfers=[Span("moving", 4.5, 6)], inside=Inside(cpu_s=8))
    assert client == held


def test_while_no_task_runs_all_threads_wait_for_the_data_of_the_next() -> None:
    tasks = [Task(0, 0, 4), Task(1, 0, 4), Task(2, 6, 10, [0, 1])]
    found = causes(2, *tasks, holds=[Span("moving", 4, 6)], inside=Inside(cpu_s=12))
    assert found == {"computing": 12.0, "moving": 4.0, "critical": 4.0}
    client = causes(2, *tasks, transfers=[Span("moving", 4, 6)], inside=Inside(cpu_s=12))
    assert client == found
    beside = causes(2, Task(0, 0, 6), Task(1, 6, 10, [0]), holds=[Span("moving", 2, 4)])
    assert beside == {"waiting": 10.0, "moving": 2.0, "critical": 8.0}, "a task ran meanwhile"


def test_a_process_that_starts_is_no_free_thread() -> None:
    holds = [Span("starting", 0, 3), Span("starting", 0, 4)]
    tasks = [Task(0, 3, 10), Task(1, 4, 10)]
    assert causes(2, *tasks, holds=holds, inside=Inside(cpu_s=13)) == {
        "computing": 13.0,
        "starting": 7.0,
    }


def test_inside_tasks_what_is_left_is_waiting() -> None:
    inside = Inside(cpu_s=4, system_s=1, delay_s=2, moving_s=1, importing_s=0.5)
    found = causes(1, Task(0, 0, 10), inside=inside)
    rest = {"cores": 2.0, "moving": 1.0, "starting": 0.5, "waiting": 2.5}
    assert found == {"computing": 4.0, **rest}


def test_the_gil_explains_waiting_while_tasks_ran() -> None:
    tasks = [Task(0, 0, 4), Task(1, 2, 4), Task(2, 6, 10)]
    compute = Compute(0.0, tasks)

    def gil_s(held_s: float | None) -> float | None:
        facts = Facts(2, 0.0, 10.0, [compute], inside=Inside(cpu_s=6), gil_held_s=held_s)
        return account_of(facts).gil_s

    assert [gil_s(None), gil_s(0.0), gil_s(4.0), gil_s(9.0)] == [None, 0.0, 2.0, 4.0]
    assert account_of(Facts(2, 0.0, 10.0, gil_held_s=1.0)).gil_s == 0.0


def test_clocks_that_tell_more_than_passed_are_cut() -> None:
    assert causes(1, Task(0, 0, 10), inside=Inside(cpu_s=11, delay_s=3)) == {"computing": 10.0}


def test_spilling_hides_in_what_waits() -> None:
    tasks = [Task(0, 0, 4), Task(1, 8, 10, [0])]
    found = causes(1, *tasks, inside=Inside(cpu_s=6), disk_s=3.0)
    assert found == {"computing": 6.0, "disk": 3.0, "scheduling": 1.0}


def test_tries_that_failed_are_inside_tasks() -> None:
    tasks = [Task(0, 4, 8)]
    found = causes(1, *tasks, stop=8.0, inside=Inside(cpu_s=6), failed_s=3.0)
    assert found == {"computing": 6.0, "waiting": 1.0, "scheduling": 1.0}
    found = causes(1, *tasks, stop=8.0, inside=Inside(cpu_s=9), failed_s=9.0)
    assert found == {"computing": 8.0}, "no more than there is"


def test_the_client_is_told_apart_by_its_marks() -> None:
    compute = Compute(4.0, [Task(0, 4, 7)])
    phases = [*phases_of([Call(1.0, 3.0, 8.0, compute)], 0.0, 10.0)]
    facts = Facts(2, 0.0, 10.0, [compute], phases, inside=Inside(cpu_s=3))
    account = account_of(facts)
    found = {name: value for name, value in account.causes.items() if value}
    assert found == {
        "own": 6.0,  # before the call and after it
        "graph": 4.0,
        "submitting": 2.0,
        "computing": 3.0,
        "critical": 3.0,
        "gathering": 2.0,
    }


def test_widths_and_the_longest_chain() -> None:
    tasks = [Task(0, 0, 2), Task(1, 0, 1), Task(2, 2, 5, [0, 1]), Task(3, 0, 1)]
    compute = Compute(0.0, tasks)
    assert [(one.ready, one.width) for one in placed(compute)] == [(0, 3), (0, 3), (2, 1), (0, 3)]
    assert critical_path_s(compute) == 5.0


def test_parts_of_a_sample_add_up() -> None:
    one = account_of(Facts(2, 0.0, 3.0, [Compute(0.0, [Task(0, 0, 3)])], inside=Inside(3)))
    both = total([one, one])
    assert isinstance(both, Account)
    assert both.whole_s == 12.0
    assert both.causes["computing"] == 6.0
    assert both.tasks == 2
    assert set(both.causes) == set(CAUSES)
    assert both.gil_s is None
    known = replace(one, gil_s=0.5, throttled_s=1.0)
    told = total([known, known])
    assert told is not None
    assert (told.gil_s, told.throttled_s) == (1.0, 2.0)
    assert total([one]) is one
    assert total([]) is None


@given(st.lists(st.tuples(_TIMES, _TIMES), max_size=12), st.integers(1, 3), _TIMES)
def test_more_tasks_than_threads_are_paid_for_once(
    ends: list[tuple[float, float]], threads: int, cpu_s: float
) -> None:
    """Tasks that wait for others which they started have no thread of their own meanwhile."""
    tasks = [Task(number, min(both), max(both)) for number, both in enumerate(ends)]
    facts = Facts(threads, 0.0, 10.0, [Compute(0.0, tasks)], inside=Inside(cpu_s))
    account = account_of(facts)
    assert sum(account.causes.values()) <= account.whole_s * (1 + 1e-9)
    assert min(account.causes.values()) >= 0


def test_that_more_tasks_ran_than_there_are_threads_is_told() -> None:
    waiting, inner = [Task(n, 0, 10) for n in range(2)], [Task(n, 0, 10) for n in (2, 3)]
    facts = Facts(2, 0.0, 10.0, [Compute(0.0, [*waiting, *inner])], inside=Inside(cpu_s=20))
    account = account_of(facts)
    assert {name: value for name, value in account.causes.items() if value} == {"computing": 20.0}
    [note] = account.notes
    assert "more tasks ran at a time than there are threads, for 20 core-s in all" in note
    assert not account_of(replace(facts, threads=4)).notes


def test_tasks_that_were_given_to_a_busy_process_are_not_ready_for_another() -> None:
    """Pools get six tasks at a time: four tasks are one batch, and a second process has none."""
    tasks = [Task(n, 2.0 * n + 2, 2.0 * n + 4, given=0.5 if n else None) for n in range(4)]
    holds = [Span("starting", 0.5, 2.0)]
    found = causes(2, *tasks, holds=holds, known=0.5, inside=Inside(cpu_s=8))
    assert found == {"computing": 8.0, "starting": 2 * 1.5, "imbalance": 8.0}
    waited = [Task(n, 2.0 * n + 2, 2.0 * n + 4) for n in range(4)]
    assert causes(2, *waited, inside=Inside(cpu_s=8))["scheduling"] > 6


def test_computing_in_other_threads_explains_waiting_at_most() -> None:
    tasks = [Compute(0.0, [Task(0, 0, 10)])]

    def beside_s(seen_s: float | None) -> float | None:
        return account_of(Facts(1, 0.0, 10.0, tasks, inside=Inside(4), beside_s=seen_s)).beside_s

    assert [beside_s(None), beside_s(-0.1), beside_s(2.0), beside_s(9.0)] == [None, 0.0, 2.0, 6.0]
