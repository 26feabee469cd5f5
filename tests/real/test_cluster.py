"""Clusters that are already there: measured, never ended, and left as they were."""

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from .cluster import BLOCK, OTHER_VERSION, ExternalCluster, certificates, sitecustomize
from .test_memory import check_readings
from .tool import HITTABLE, Tool, kill, wait_for_a_sample

pytestmark = pytest.mark.real

LONG = ("--n", "1e6", "--tasks", "60")
SIZE = ("--n", "1000", "--tasks", "20", "--rounds", "3")
CHOSEN = ("--schedulers", "numpy,distributed")

Starter = Callable[..., ExternalCluster]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalCluster]:
    """A cluster of two workers that the tests leave as it is."""
    cluster = ExternalCluster(tmp_path_factory.mktemp("shared") / "c")
    yield cluster
    cluster.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Start a cluster for one test."""
    started: list[ExternalCluster] = []

    def start_one(
        workers: int = 2,
        environment: Mapping[str, str] | None = None,
        tls: Mapping[str, Path] | None = None,
    ) -> ExternalCluster:
        started.append(ExternalCluster(tmp_path / f"c{len(started)}", workers, environment, tls))
        return started[-1]

    yield start_one
    for one in started:
        one.close()


def row(tool: Tool) -> dict[str, Any]:
    """Return the row of distributed, measured in full like the one of numpy."""
    cases = tool.cases()
    for case in cases.values():
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
        assert case["tasks_run"] == case["tasks_expected"] == 20 * 3 * case["loops"]
    return cases["distributed"]


def check_readings_of_what_failed(tool: Tool, reason: str) -> None:
    """They are whole, and in the JSON too."""
    case = tool.cases()["distributed"]
    assert case["reason"]
    assert reason in case["reason"]
    readings = tool.events("memory")
    check_readings(readings)
    assert len(case["timeline"]) == len(readings)


def test_all_workers(tool: Tool, cluster: ExternalCluster) -> None:
    (tool.folder / "s.json").write_text(cluster.file.read_text())
    done = tool.run("schedulers", *SIZE, *CHOSEN, "--scheduler-file", "s.json")
    assert (done.code, done.complaints) == (0, [])
    found = row(tool)
    assert (found["workers"], found["threads_per_worker"]) == (2, 1)
    assert "distributed × 2" in done.out
    assert "lack daskbench" not in done.out
    cluster.check_untouched(workers=2)


def test_some_workers_and_more_than_there_are(tool: Tool, cluster: ExternalCluster) -> None:
    where = ("--address", cluster.address, "--workers", "1,2,3", "--wait-for-workers", "1s")
    done = tool.run("schedulers", *SIZE, *CHOSEN, *where, "--rng", "generator")
    assert done.code == 1
    cases = tool.results()["cases"]
    assert [(case["workers"], case["status"], case["samples"]) for case in cases] == [
        (None, "ok", 3),
        (1, "ok", 3),
        (2, "ok", 3),
        (3, "failed", 0),
    ]
    assert "only 2 of 3 workers available after 1 s" in cases[3]["reason"]
    cluster.check_untouched(workers=2)


def test_interrupted(tool: Tool, cluster: ExternalCluster) -> None:
    """Ctrl-C in the middle of a sample leaves nothing on the cluster."""
    running = tool.measure(*LONG, *CHOSEN, "--address", cluster.address, "--rounds", "30")
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane, *cluster.computing())
    running.signal(2)
    assert running.wait().code == 130
    cluster.wait_until_untouched(workers=2)


def test_killed_lane(tool: Tool, cluster: ExternalCluster) -> None:
    """The plugins leave the scheduler with their client, however that ended."""
    running = tool.measure(
        *(*LONG, *CHOSEN, "--address", cluster.address, "--rounds", "3", "--memory")
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane, *cluster.computing())
    kill(lane)
    running.wait()
    assert tool.cases()["numpy"]["status"] == "ok"
    check_readings_of_what_failed(tool, "SIGKILL")
    cluster.wait_until_untouched(workers=2)


def test_tool_killed(tool: Tool, cluster: ExternalCluster) -> None:
    running = tool.measure(*HITTABLE, *CHOSEN, "--address", cluster.address, "--rounds", "30")
    tool.wait_for_samples(1)
    running.signal(9)
    running.wait()
    tool.wait_until_nothing_is_left()
    cluster.wait_until_untouched(workers=2)


def test_others_work_on_it_meanwhile(tool: Tool, cluster: ExternalCluster) -> None:
    """Only our own client's tasks are counted."""
    running = tool.measure(*SIZE[:4], *CHOSEN, "--address", cluster.address, "--rounds", "20")
    tool.wait_for_samples(1)
    asked = 0
    while running.process.poll() is None:
        asked += cluster.ask()["sum"] == 6
    assert running.wait().code == 0
    assert asked
    case = tool.cases()["distributed"]
    assert (case["samples"], case["invalid_samples"]) == (20, 0)


def test_tls(tool: Tool, start: Starter, tmp_path: Path) -> None:
    """With certificates, without them, and where they are not asked for."""
    pytest.importorskip("cryptography", reason="certificates are made with cryptography")
    files = certificates(tmp_path / "tls")
    cluster = start(workers=1, tls=files)
    assert cluster.address.startswith("tls://")
    options = [
        part
        for option, file in zip(("--tls-ca", "--tls-cert", "--tls-key"), files, strict=True)
        for part in (option, str(files[file]))
    ]
    done = tool.run("schedulers", *SIZE, *CHOSEN, "--address", cluster.address, *options)
    assert (done.code, done.complaints) == (0, [])
    assert row(tool)["workers"] == 1
    without = tool.run("schedulers", *SIZE, *CHOSEN, "--address", cluster.address)
    assert without.code == 1
    numpy, distributed = tool.results(tool.journals[-1])["cases"]
    assert numpy["status"] == "ok"
    assert "TLS" in distributed["reason"]
    plain = cluster.address.replace("tls:", "tcp:")
    done = tool.run("schedulers", *SIZE, *CHOSEN, "--address", plain, "--explain")
    assert "it uses TLS: use tls://" in done.said
    cluster.check_untouched(workers=1)


def test_workers_that_lack_daskbench(tool: Tool, start: Starter, tmp_path: Path) -> None:
    """And have other versions. Its plugins travel by value, and so does all that tasks are."""
    without = BLOCK.format(names=("daskbench",)) + OTHER_VERSION
    cluster = start(environment=sitecustomize(tmp_path / "without", without))
    where = ("--address", cluster.address, "--rng", "legacy,generator")
    done = tool.run("schedulers", *SIZE, *CHOSEN, *where, "--memory", "--explain")
    assert (done.code, done.complaints) == (0, []), done.out
    for case in tool.results()["cases"]:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
        assert case["tasks_run"] == case["tasks_expected"] == 20 * 3 * case["loops"]
    check_readings(tool.events("memory"))
    assert all(lane.get("memory_limit_bytes", 1) > 0 for lane in tool.events("lane"))
    for words in ("lacks daskbench", "numpy is", "but 1.99.0 on the cluster"):
        assert words in done.said

    size = ("--shape", "2e4x50", "--chunks", "5e3x50", "--rounds", "2", "--compute", "usv")
    done = tool.run("svd", *size, "--method", "tsqr,cholesky-qr2", "--address", cluster.address)
    assert (done.code, done.complaints) == (0, []), done.out
    for case in tool.results(tool.journals[-1])["cases"]:
        assert (case["status"], case["invalid_samples"], case["answer_ok"]) == ("ok", 0, True)
        assert 0 <= case["|X-USV|/|X|"] < 1e-12
    cluster.check_untouched(workers=2)


def test_nanny_killed(tool: Tool, start: Starter) -> None:
    """Its worker goes with it; the sample counts only if it is proved, and the loss is told."""
    cluster = start()
    running = tool.measure(
        *(*LONG, *CHOSEN, "--address", cluster.address, "--rounds", "3", "--timeout", "30s")
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane, *cluster.computing())
    nanny = cluster.nannies()[0]
    worker = nanny.children()
    kill(nanny)
    done = running.wait()
    assert "Traceback" not in done.err
    assert tool.cases()["numpy"]["samples"] == 3
    case = tool.cases()["distributed"]
    valid = [sample for sample in case["raw_samples"] if sample["valid"]]
    assert all(sample["tasks_run"] == sample["tasks_expected"] == 60 for sample in valid)
    told = "died" in done.out or "lost" in done.out or case["status"] == "failed"
    assert told, done.out
    assert "no answer" not in (case["reason"] or ""), "a worker that is gone is no lane that hangs"
    assert done.code == (0 if case["status"] == "ok" else 1)
    _, alive = psutil.wait_procs(worker, timeout=20)
    assert not alive
    assert cluster.ask()["plugins"] == []


def test_scheduler_killed(tool: Tool, start: Starter) -> None:
    """The cluster vanishes in the middle: its row fails with a reason, the others go on."""
    cluster = start(workers=1)
    running = tool.measure(
        *(*LONG, *CHOSEN, "--address", cluster.address, "--rounds", "3", "--timeout", "20s"),
        "--memory",
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane, *cluster.computing())
    cluster.scheduler.kill()
    done = running.wait()
    assert done.code == 1, done.out + done.err
    cases = tool.cases()
    assert (cases["numpy"]["status"], cases["numpy"]["samples"]) == ("ok", 3)
    assert cases["distributed"]["status"] in ("failed", "invalid")
    check_readings_of_what_failed(tool, "")


def test_nobody_listens(tool: Tool) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    done = tool.run("schedulers", *SIZE, *CHOSEN, "--address", address)
    assert done.code == 1
    cases = tool.cases()
    assert (cases["numpy"]["status"], cases["numpy"]["samples"]) == ("ok", 3)
    assert cases["distributed"]["status"] == "failed"
    assert address in cases["distributed"]["reason"]
    assert address in " ".join(done.out.split())
