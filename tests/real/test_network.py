"""Latency and bandwidth between workers: on this machine, and between network namespaces."""

import csv
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from daskbench.account import CAUSES

from .netns import IMPATIENT, Hosts, SpreadCluster, system
from .tool import Tool, wait_for

pytestmark = pytest.mark.real

#: What hosts are given: each delays what it sends by this, and sends so many bits per second.
#: Beside that, waking up two processes takes some tenths of a millisecond on a busy machine.
DELAY_S, RATE = 0.004, "100mbit"
BYTES_PER_S = 100e6 / 8
FOUND = 0.15


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    hosts = Hosts("s", "a", "b")
    yield hosts
    hosts.close()


@pytest.fixture(scope="module")
def cluster(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpreadCluster]:
    """A scheduler and two workers, each on a host of its own, that the tests leave as it is."""
    cluster = SpreadCluster(tmp_path_factory.mktemp("spread") / "c", hosts)
    yield cluster
    cluster.close()


@pytest.fixture(autouse=True)
def without_limits(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "hosts" in request.fixturenames:
        request.getfixturevalue("hosts").shape(0.0)


def between(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["hosts"] == "two hosts" and row["target"] != "client"]


def test_on_one_host_there_is_no_network(tool: Tool, tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    sizes = ("--sizes", "1B,64KiB,1MiB", "--rounds", "2", "--csv", str(out))
    done = tool.run("network", "--workers", "2", *sizes)
    assert done.code == 0, done.err
    assert "of no network" in done.said
    rows = [*csv.DictReader(out.read_text().splitlines())]
    assert sorted((row["source"], row["target"]) for row in rows) == sorted(
        (source, target) for source in "01" for target in ("0", "1", "client")
    )
    assert {row["hosts"] for row in rows} == {"same host", "itself"}
    for row in rows:
        assert row["status"] == "ok"
        assert float(row["latency_s"]) > 0
        assert float(row["bandwidth_bytes_per_s"]) > 0
    messages = tool.results()["transfers"][0]["messages"]
    assert [one["sent_bytes"] for one in messages] == [1, 1 << 16, 1 << 20]
    assert all(len(one["first_s"]) == 2 for one in messages)


def test_tls_between_local_workers(tool: Tool) -> None:
    pytest.importorskip("cryptography", reason="needs cryptography")
    where = ("--workers", "2", "--protocol", "tls", "--sizes", "1B,64KiB", "--rounds", "1")
    done = tool.run("network", *where)
    assert done.code == 0, done.err
    rows = tool.results()["transfers"]
    assert {row["source_address"].partition("://")[0] for row in rows} == {"tls"}


def test_what_was_set_is_found(tool: Tool, hosts: Hosts, cluster: SpreadCluster) -> None:
    hosts.shape(DELAY_S, RATE)
    sizes = ("--sizes", "1B,1MiB", "--rounds", "6")
    done = tool.run("network", "--address", cluster.address, *sizes)
    assert done.code == 0, done.err
    rows = tool.results()["transfers"]
    assert len(between(rows)) == 2
    for row in between(rows):
        # Each host delays what it sends, so that a round trip takes two delays. On a machine that
        # is busy with other programs many take longer, but none takes less.
        fastest_s = min(second for one in row["messages"][0]["seconds"] for second in one) / 2
        assert fastest_s - row["own_s"] == pytest.approx(2 * DELAY_S / 2, rel=FOUND), row
        assert row["latency_s"] >= fastest_s
        assert row["bandwidth_bytes_per_s"] == pytest.approx(BYTES_PER_S, rel=FOUND), row
        assert row["latency_low_s"] <= row["latency_s"] <= row["latency_high_s"]
    itself = [row for row in rows if row["hosts"] == "itself"]
    assert all(row["bandwidth_bytes_per_s"] > 2 * BYTES_PER_S for row in itself)
    cluster.check_untouched(workers=2)


def test_svd_tells_the_network_between_its_hosts(
    tool: Tool, hosts: Hosts, cluster: SpreadCluster
) -> None:
    hosts.shape(DELAY_S, RATE)
    size = ("--shape", "20000x20", "--chunks", "5000x20", "--rounds", "2")
    done = tool.run("svd", *size, "--address", cluster.address)
    assert done.code == 0, done.err
    [lane] = tool.events("lane")
    small, large = (
        [one for one in lane["transfers"] if one["sent_bytes"] == sent] for sent in (1, 8 << 20)
    )
    assert {one["source"] for one in small} == {one["target"] for one in large} == {"w0", "w1"}
    assert all(min(one["seconds"]) >= 2 * DELAY_S for one in small)
    for one in large:
        rate = one["sent_bytes"] / one["seconds"][0]
        assert rate == pytest.approx(BYTES_PER_S, rel=FOUND), one
    assert "network between hosts of distributed × 2, before its samples: latency" in done.said
    cluster.check_untouched(workers=2)


def test_the_account_puts_a_slow_network_under_moving_data(
    tool: Tool, hosts: Hosts, cluster: SpreadCluster, tmp_path: Path
) -> None:
    work = ("transpose_add", "--shape", "1000x1000", "--chunks", "250x250")
    where = ("--schedulers", "distributed", "--address", cluster.address, "--rounds", "1", "--why")
    found = []
    for number, limits in enumerate(((0.0, ""), (DELAY_S, RATE))):
        hosts.shape(*limits)
        out = tmp_path / f"{number}.json"
        done = tool.run("bench", *work, *where, "--json", str(out))
        assert done.code == 0, done.err
        found += json.loads(out.read_text())["cases"]
    more = {cause: found[1][f"{cause}_core_s"] - found[0][f"{cause}_core_s"] for cause in CAUSES}
    whole = found[1]["whole_core_s"] - found[0]["whole_core_s"]
    assert max(more, key=more.__getitem__) == "moving", more
    assert more["moving"] > whole / 2, (more, whole)


def test_a_scheduler_that_is_away_for_five_seconds(
    tool: Tool, hosts: Hosts, cluster: SpreadCluster
) -> None:
    size = ("--n", "1e6", "--tasks", "20", "--schedulers", "distributed", "--rounds", "10")
    running = tool.start("schedulers", *size, "--address", cluster.address, environment=IMPATIENT)
    tool.wait_for_samples(2)
    hosts.cut("s")
    sleep(5)
    hosts.join("s")
    assert running.wait().code == 0
    case = tool.cases()["distributed"]
    assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 10, 0)
    cluster.check_untouched(workers=2)


def test_a_worker_that_goes_away(tool: Tool, hosts: Hosts, cluster: SpreadCluster) -> None:
    how = ("--sizes", "1B,64KiB", "--rounds", "1000")
    running = tool.start("network", "--address", cluster.address, *how, environment=IMPATIENT)
    tool.wait_for_samples(4, 0)
    hosts.cut("b")
    try:
        done = running.wait()
    finally:
        hosts.join("b")
    assert done.code == 1
    assert "Traceback" not in done.err
    reasons = [case["reason"] or "" for case in tool.results()["cases"]]
    assert any("workers have left the cluster" in reason for reason in reasons), reasons
    tool.wait_until_nothing_is_left()


def test_a_scheduler_that_stays_away(tool: Tool, hosts: Hosts, tmp_path: Path) -> None:
    cluster = SpreadCluster(tmp_path / "c", hosts)
    try:
        size = ("--n", "1e6", "--tasks", "20", "--schedulers", "distributed", "--rounds", "1000")
        words = ("schedulers", *size, "--address", cluster.address)
        running = tool.start(*words, environment=IMPATIENT)
        tool.wait_for_samples(2)
        hosts.cut("s")
        done = running.wait()
        assert done.code == 1
        assert "Traceback" not in done.err
        reason = tool.cases()["distributed"]["reason"]
        assert "was lost" in reason, reason
        tool.wait_until_nothing_is_left()
    finally:
        hosts.join("s")
        cluster.close()


def test_nothing_of_the_hosts_is_left(tmp_path: Path) -> None:
    hosts = Hosts("x")
    assert hosts.namespace("x") in _namespaces()
    hosts.close()
    wait_for("the end of its namespaces", lambda: hosts.namespace("x") not in _namespaces())


def _namespaces() -> str:
    return subprocess.run([system("ip"), "netns", "list"], capture_output=True, text=True).stdout
