"""What is said first of workers' memory: what Dask did to stay below the limit, and how full."""

from daskbench.document.memory import answer_of
from daskbench.events import WorkerEvent
from daskbench.stats.memory import CaseMemory
from tests.unit.builders import make_event, make_reading
from tests.unit.document.memory_cases import MIB, case, worker


def test_nothing_happened() -> None:
    assert answer_of(case()) == (
        "nothing was spilled, and no worker paused; the fullest worker held 100 MiB, 10% of its "
        "limit"
    )


def test_what_spilled_and_paused_and_ended_is_told_the_worst_first() -> None:
    readings = [
        make_reading(1.0),
        make_reading(2.0, written_bytes=30 * MIB, write_s=0.5),
        make_reading(3.0),
    ]
    events = [
        make_event("paused", 1.5),
        make_event("resumed", 2.0),
        WorkerEvent(0, 2.5, "0", "terminated", rss_bytes=960 * MIB),
    ]
    assert answer_of(case(worker(*readings, events=events))) == (
        "1 worker terminated, with the data lost, paused once for 500 ms, 30 MiB spilled to disk, "
        "500 ms of disk time; the fullest worker held 960 MiB, 96% of its limit"
    )


def test_without_a_limit_only_the_peak_is_known() -> None:
    assert answer_of(case(limit=None)) == (
        "no memory limit, so no worker spills or pauses; the fullest worker held 100 MiB"
    )


def test_what_was_not_seen_is_not_claimed() -> None:
    assert answer_of(case(worker(make_reading(1.0, span_s=0.0)))).startswith("too short to be seen")
    unknown = CaseMemory(0, "distributed × 2", None, {}, (worker(),), is_limit_unknown=True)
    assert answer_of(unknown) == "the limit of its workers is unknown, as it failed to start"
