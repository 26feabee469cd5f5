"""What another row of the run shows of a change that would avoid a cause."""

from pathlib import Path

import pytest

from tests.unit.builders import make_case
from tests.unit.findings.accounted import Row, lines_of, reported

NUMPY: Row = (make_case("numpy"), 0.1, {"computing": 0.1})
SYNCHRONOUS: Row = (make_case("synchronous"), 0.2, {"computing": 0.2})
COLD: Row = (make_case("processes", 2), 0.4, {"computing": 0.3, "starting": 0.5})
WARM: Row = (make_case("processes-warm", 2), 0.16, {"computing": 0.3})
THREADS: Row = (make_case("threads", 2), 0.14, {"computing": 0.27})
LOCKED: Row = (make_case("threads", 2), 0.3, {"computing": 0.3, "waiting": 0.3})
ALONE: Row = (make_case("threads", 1), 0.29, {"computing": 0.29})
FREE: Row = (make_case("threads", 2, rng="generator"), 0.15, {"computing": 0.3})
CLUSTER: Row = (make_case("distributed", 2), 0.5, {"computing": 0.3, "scheduling": 0.7})
CROWDED: Row = (make_case("threads", 4), 0.2, {"computing": 0.4, "cores": 0.4})
CHAIN: Row = (make_case("threads", 2), 0.4, {"computing": 0.4, "critical": 0.4})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((COLD, NUMPY, THREADS, WARM), "processes-warm × 2, which has almost none of it, took 160"),
        ((COLD, THREADS), "threads × 2, which has almost none of it, took 140 ms instead of 400"),
        ((CLUSTER, WARM, THREADS), "threads × 2, which has almost none of it, took 140 ms instead"),
        ((LOCKED, ALONE, WARM), "processes-warm × 2, which has almost none of it, took 160 ms"),
        ((LOCKED, ALONE, WARM, FREE), "rng=generator on threads × 2, which has almost none of it"),
        ((CROWDED, SYNCHRONOUS, THREADS), "threads × 2, which has almost none of it, took 140 ms"),
        ((CHAIN, WARM, ALONE), "threads × 1, which has almost none of it, took 290 ms instead of"),
    ],
    ids=["starting", "no warm pool", "scheduling", "lock or GIL", "lock", "cores", "critical"],
)
def test_it_is_the_row_that_changes_what_the_advice_says(
    tmp_path: Path, rows: tuple[Row, ...], told: str
) -> None:
    first, *_ = lines_of(reported(tmp_path, *rows))
    assert told in first


@pytest.mark.parametrize(
    "rows",
    [
        (LOCKED, ALONE),  # alone nothing waits for a lock, but that is no advice
        (CLUSTER, NUMPY),  # without Dask it is another comparison
        (THREADS, CROWDED, WARM),  # nothing of it to avoid
        (CLUSTER, (CLUSTER[0], 0.4, {"computing": 0.2, "scheduling": 0.6})),  # not much less
        (CHAIN, WARM),  # processes are as long as a chain
    ],
)
def test_a_row_that_changes_something_else_is_not_told(
    tmp_path: Path, rows: tuple[Row, ...]
) -> None:
    first, *_ = lines_of(reported(tmp_path, *rows))
    assert "took" not in first
