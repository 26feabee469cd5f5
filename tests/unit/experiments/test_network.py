"""Latency and bandwidth of each pair of workers, from messages whose times are known."""

import csv
import json
from pathlib import Path

import pytest

from daskbench.errors import UsageError
from daskbench.experiments.network.rows import NetworkTable
from daskbench.experiments.report import Report
from daskbench.formats import Page
from daskbench.journal.read import read_run
from daskbench.stats.transfers import Pair
from tests.unit.builders import render, render_file
from tests.unit.experiments.networked import (
    LATENCY_S,
    OWN_S,
    RATE,
    report_of,
    same_host,
    suite_of,
    took,
)


def pairs_of(report: Report) -> dict[tuple[str, str], Pair]:
    [table] = [one for one in report.tables if isinstance(one, NetworkTable)]
    [network] = table.networks
    return {(pair.source.name, pair.target.name): pair for pair in network.pairs}


def test_latency_and_bandwidth_are_those_of_the_network(tmp_path: Path) -> None:
    pairs = pairs_of(report_of(tmp_path))
    assert len(pairs) == 3 * 4
    for (source, target), pair in pairs.items():
        assert pair.latency
        assert pair.bandwidth
        far = 0.0 if same_host(source, target) else LATENCY_S
        assert pair.latency.value == pytest.approx(far + OWN_S, rel=0.05)
        assert pair.bandwidth.value == pytest.approx(1e9 if not far else RATE, rel=0.05)
        assert pair.rounds == 7
        assert pair.is_complete
    assert pairs["0", "0"].is_itself
    assert pairs["0", "1"].same_host
    assert not pairs["0", "2"].same_host
    assert not pairs["0", "client"].is_of_workers


def test_the_median_over_rounds_has_an_interval_of_two_of_their_values(tmp_path: Path) -> None:
    latency = pairs_of(report_of(tmp_path))["0", "2"].latency
    assert latency
    assert latency.interval
    rounds = [took("0", "2", 1, number) for number in range(1, 8)]
    half = [one / 2 for one in rounds if isinstance(one, float)]
    assert latency.interval.low == pytest.approx(min(half))
    assert latency.interval.high == pytest.approx(max(half))
    few = pairs_of(report_of(tmp_path / "few", rounds=5))["0", "2"].latency
    assert few
    assert few.interval is None, "five rounds have none that holds in 95 of 100 cases"


def test_what_dask_takes_itself_is_that_of_messages_of_workers_to_themselves(
    tmp_path: Path,
) -> None:
    rows = json.loads(render("json", report_of(tmp_path)))["transfers"]
    assert len(rows) == 12
    assert all(row["own_s"] == pytest.approx(OWN_S, rel=0.05) for row in rows)
    [far] = [row for row in rows if (row["source"], row["target"]) == ("0", "2")]
    assert far["hosts"] == "two hosts"
    small, large = far["messages"]
    assert (small["returned"], large["returned"]) == (True, False)
    assert len(large["seconds"]) == len(large["first_s"]) == 7
    assert large["first_s"][0] == pytest.approx(10 * large["seconds"][0][0])


def test_every_format_shows_the_matrix_and_the_pairs(tmp_path: Path) -> None:
    report = report_of(tmp_path)
    for name in ("table", "plain", "markdown"):
        text = render(name, report, Page(200))
        for words in ("0 (10.0.0.1)", "2 (10.0.0.2)", "two hosts", "same host", "MiB/s"):
            assert words in text, (name, words, text)
    lines = [*csv.DictReader(render_file("csv", report).splitlines())]
    assert len(lines) == 12
    [far] = [line for line in lines if (line["source"], line["target"]) == ("2", "1")]
    assert float(far["latency_s"]) == pytest.approx(LATENCY_S + OWN_S, rel=0.05)
    assert float(far["bandwidth_bytes_per_s"]) == pytest.approx(RATE, rel=0.05)
    assert float(far["latency_low_s"]) <= float(far["latency_s"]) <= float(far["latency_high_s"])
    assert far["run_id"]


def test_the_answer_tells_hosts_apart(tmp_path: Path) -> None:
    text = " ".join(render("table", report_of(tmp_path), Page(200)).split())
    assert "between hosts: latency 1.12 ms and bandwidth 9.3" in text
    assert "on the same host: latency 102 µs and bandwidth 954 MiB/s" in text


def test_workers_of_one_host_have_no_network(tmp_path: Path) -> None:
    report = report_of(tmp_path, workers=("0", "1"))
    assert any("these figures are of no network" in line for line in report.findings)
    assert not any("of no network" in line for line in report_of(tmp_path / "two").findings)


def test_a_pair_that_fails_is_a_row_with_its_reason(tmp_path: Path) -> None:
    def cut(source: str, target: str, size: int, number: int) -> float | str:
        is_cut = (source, target) == ("0", "2") and (size > 1 or number > 3)
        return "no answer within 5 s" if is_cut else took(source, target, size, number)

    report = report_of(tmp_path, takes=cut)
    assert report.failed
    pair = pairs_of(report)["0", "2"]
    assert pair.bandwidth is None
    assert pair.latency
    assert pair.rounds == 3
    assert pair.reason == "11 of 14 visits failed: no answer within 5 s"
    text = " ".join(render("table", report, Page(200)).split())
    assert "11 of 14 visits failed: no answer within 5 s" in text
    assert "1 of 6 pairs failed" in text
    [row] = [
        row
        for row in csv.DictReader(render_file("csv", report).splitlines())
        if row["status"] == "failed"
    ]
    assert (row["source"], row["target"]) == ("0", "2")


def test_a_slow_pair_is_told(tmp_path: Path) -> None:
    def slow(source: str, target: str, size: int, number: int) -> float | str:
        usual = took(source, target, size, number)
        assert isinstance(usual, float)
        return usual * 4 if (source, target, size > 1) == ("2", "0", True) else usual

    told = [line for line in report_of(tmp_path, takes=slow).findings if "where the median" in line]
    assert len(told) == 1
    assert told[0].startswith("2 (10.0.0.2) -> 0 (10.0.0.1) has 2.")
    assert not [line for line in report_of(tmp_path / "x").findings if "where the median" in line]


def test_other_sizes_have_a_time(tmp_path: Path) -> None:
    report = report_of(tmp_path, suite=suite_of(sizes=("1MiB", "64KiB", "1B")))
    text = render("table", report, Page(200))
    assert "64 KiB in" in text
    assert "1 MiB in" not in text


def test_messages_are_read_from_a_journal_as_they_were_written(tmp_path: Path) -> None:
    run = report_of(tmp_path).run
    found = read_run(run.path).samples[0].transfers
    assert found == run.samples[0].transfers
    assert len(found) == 8


# The plan


def test_a_lane_has_all_sizes_and_the_smallest_is_sent_back() -> None:
    suite = suite_of(sizes=("1MiB", "16MiB"))
    assert [case.parameters["size"] for case in suite.cases] == ["1B", "1MiB", "16MiB"]
    assert suite.shares_lanes
    assert not suite.race
    assert suite.settings.rounds == 10


@pytest.mark.parametrize(
    ("values", "workers"),
    [
        ({}, 2),
        ({"address": "tcp://10.0.0.5:8786"}, None),
        ({"cluster": "ssh", "cluster-option": {"hosts": "a,b,c"}}, None),
    ],
)
def test_there_is_a_pair_of_workers(values: dict[str, object], workers: int | None) -> None:
    made = suite_of(workers=(2,))
    assert made.cases[0].workers == 2
    from daskbench.experiments.network import EXPERIMENT
    from tests.unit.builders import here

    suite = EXPERIMENT.make("network", "network", values, here(1))
    assert {case.workers for case in suite.cases} == {workers}
    assert suite.in_turns is None


def test_a_single_worker_has_no_network() -> None:
    with pytest.raises(UsageError, match="--workers 1 has no pair of workers; use 2 or more"):
        suite_of(workers=(1,))


def test_more_workers_than_can_be_visited_are_refused_and_not_the_default() -> None:
    from daskbench.experiments.network import EXPERIMENT
    from tests.unit.builders import here

    with pytest.raises(UsageError, match="--workers 65 has 4,225 pairs; use up to 64"):
        suite_of(workers=(2, 65), cluster="mpi")
    large = EXPERIMENT.make("network", "network", {}, here(128))
    assert {case.workers for case in large.cases} == {64}


def test_sizes_are_sizes() -> None:
    from daskbench.experiments.network.plan import KEYS

    assert KEYS["sizes"].read("1B,8MiB") == ("1B", "8MiB")
    with pytest.raises(UsageError, match="a message of 2 GiB is too large"):
        KEYS["sizes"].read("2GiB")
    with pytest.raises(UsageError, match="is not a size"):
        KEYS["sizes"].read("much")
