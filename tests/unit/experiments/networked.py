"""Runs whose messages took known times between workers of known hosts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from daskbench.events import Event, Transfer
from daskbench.experiments.network import EXPERIMENT
from daskbench.experiments.network.plan import BENCHMARK, size_of
from daskbench.experiments.report import Report, build
from daskbench.model import Plan, Suite
from tests.unit.builders import here, make_lane, make_run, make_sample

#: Workers, each on the host of its address, of which two share one.
ADDRESSES = {
    "0": "tcp://10.0.0.1:4000",
    "1": "tcp://10.0.0.1:4001",
    "2": "tcp://10.0.0.2:4000",
    "client": "",
}
#: Seconds in one direction, bytes per second, and what a message takes in Dask itself.
LATENCY_S, RATE, OWN_S = 1e-3, 1e7, 1e-4

Took = Callable[[str, str, int, int], float | str]


def suite_of(**values: Any) -> Suite:
    return EXPERIMENT.make("network", BENCHMARK, {"workers": (3,), **values}, here(2))


def took(source: str, target: str, size: int, round_number: int) -> float | str:
    """What a message takes; between hosts also the network. Rounds differ by up to 4 %."""
    noise = 1 + 0.01 * (round_number % 5)
    own = 2 * OWN_S * noise
    if same_host(source, target):
        return own + (size / 1e9 if size > 1 else 0)
    return own + 2 * LATENCY_S * noise + (size / RATE * noise if size > 1 else 0)


def same_host(source: str, target: str) -> bool:
    hosts = [ADDRESSES[name].rpartition(":")[0] or "the client's" for name in (source, target)]
    return hosts[0] == hosts[1]


def transfers_of(
    size: int, round_number: int, takes: Took, workers: Sequence[str]
) -> tuple[Transfer, ...]:
    pairs = [(source, target) for source in workers for target in (*workers, "client")]
    return tuple(_transfer(*pair, size, takes(*pair, size, round_number)) for pair in pairs)


def _transfer(source: str, target: str, size: int, found: float | str) -> Transfer:
    given: dict[str, Any] = {
        "source": source,
        "target": target,
        "source_address": ADDRESSES[source],
        "target_address": ADDRESSES[target],
        "sent_bytes": size,
        "returned": size == 1,
        "same_host": same_host(source, target),
    }
    if isinstance(found, str):
        return Transfer(**given, reason=found)
    return Transfer(**given, first_s=10 * found, seconds=(found, found * 1.5, found))


def report_of(
    folder: Path,
    rounds: int = 7,
    takes: Took = took,
    workers: Sequence[str] = ("0", "1", "2"),
    suite: Suite | None = None,
) -> Report:
    """Measure each size once in a warm-up, in which all takes ten times as long, and in rounds."""
    suite = suite or suite_of()
    events: list[Event] = [
        make_lane(number, workers=len(workers), tasks=1) for number, _ in enumerate(suite.cases)
    ]
    for round_number in range(rounds + 1):
        for number, case in enumerate(suite.cases):
            found = transfers_of(size_of(case), round_number, takes, workers)
            proof: dict[str, Any] = {"tasks_expected": 1, "tasks_run": 1}
            proof |= {"warmup": not round_number, "transfers": found}
            events.append(make_sample(number, round_number, 0.5, **proof))
    return build(make_run(folder, events, Plan((suite,))))
