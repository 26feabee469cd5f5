"""Findings about causes: measured where there are accounts, and hints where there are none."""

from pathlib import Path

from tests.unit.builders import make_case
from tests.unit.findings.accounted import Row, noted, reported

NUMPY: Row = (make_case("numpy"), 0.1, {})
COLD: Row = (make_case("processes", 2), 0.4, {"computing": 0.2, "starting": 0.5})
WARM: Row = (make_case("processes-warm", 2), 0.15, {"computing": 0.2})
LOCKED: Row = (make_case("threads", 2), 0.4, {"computing": 0.4, "waiting": 0.3})


def test_the_start_of_a_pool_is_told_with_its_share_and_what_a_warm_one_took(
    tmp_path: Path,
) -> None:
    [found] = noted(reported(tmp_path, COLD, WARM), "pool-start")
    assert found.startswith("processes × 2: 62% of its core-seconds is starting processes (0.50")
    assert found.endswith(
        "processes-warm × 2, which has almost none of it, took 150 ms instead of 400 ms"
    )
    quick: Row = (COLD[0], 0.4, {"computing": 0.7, "starting": 0.1})
    assert noted(reported(tmp_path / "quick", quick, WARM), "pool-start") == []


def test_waiting_is_because_of_the_lock_where_it_is_gone_without(tmp_path: Path) -> None:
    unlocked = make_case("threads", 2, rng="generator")
    for number, (waiting, told) in enumerate(
        (
            (0.01, ", because np.random.normal takes a process-wide lock: with --rng generator"),
            (0.25, "a process-wide lock, but that is not the cause: with --rng generator it is"),
            (None, "; np.random.normal takes a process-wide lock: try --rng generator, which has"),
        )
    ):
        free: list[Row] = []
        if waiting is not None:
            free = [(unlocked, 0.3, {"computing": 0.3, "waiting": waiting})]
        [found] = noted(reported(tmp_path / str(number), LOCKED, *free), "shared-lock")
        assert "threads × 2: 37% of its core-seconds is waiting in tasks" in found
        assert told in found


def test_threads_that_do_not_wait_have_no_lock_to_wait_for(tmp_path: Path) -> None:
    busy: Row = (LOCKED[0], 0.4, {"computing": 0.4, "cores": 0.3})
    assert noted(reported(tmp_path, NUMPY, busy), "shared-lock") == []


def test_overhead_is_told_in_parts_and_for_each_task(tmp_path: Path) -> None:
    parts = {"computing": 0.2, "scheduling": 0.5, "moving": 0.1, "gathering": 0.01}
    [found] = noted(reported(tmp_path, (make_case("distributed", 2), 0.4, parts)), "overhead")
    assert found.startswith(
        "distributed × 2: 76% of its core-seconds is overhead (scheduling 62%, moving data 12%), "
        "6.1 ms of a core per task; --tasks 10 --n 1000000 makes tasks 10 times as large"
    )
    data = {"computing": 0.2, "scheduling": 0.1, "moving": 0.5, "moved_bytes": 10**9}
    [moved] = noted(
        reported(tmp_path / "data", (make_case("distributed", 2), 0.4, data)), "overhead"
    )
    assert "moving data 62%" in moved
    assert "times as large" not in moved, "larger tasks move as much"
    less: Row = (make_case("distributed", 2), 0.4, {"computing": 0.6, "scheduling": 0.2})
    assert noted(reported(tmp_path / "less", less), "overhead") == []


def test_a_row_without_an_account_has_a_hint_beside_one_that_has_one(tmp_path: Path) -> None:
    bare: Row = (make_case("distributed", 1), 0.4, {})
    report = reported(tmp_path, NUMPY, bare, COLD)
    [found] = noted(report, "overhead")
    assert found.startswith("distributed × 1: 300 ms more than numpy for the same 100 calls")
    assert found.endswith("; --why measures it")
    assert len(noted(report, "pool-start")) == 1
