"""Every scheduler from the command line to the table."""

import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter

import psutil
import pytest

from .tool import TINY, Done, Json, Tool

pytestmark = pytest.mark.real

ROUNDS = 3
BLAS = "numpy,threads,processes-warm,distributed"
PLACES = Counter(
    [("numpy", None), ("synchronous", None)]
    + [
        (name, workers)
        for name in ("threads", "processes", "processes-warm", "distributed")
        for workers in (1, 2)
    ]
)
BARE_BLAS = """
import json, numpy, threadpoolctl
print(json.dumps([p["num_threads"] for p in threadpoolctl.threadpool_info()
                  if p["user_api"] == "blas"]))
"""


def test_all_end_to_end(tool: Tool) -> None:
    arguments = ("--workers", "1,2", "--rounds", str(ROUNDS), "--json", "out.json")
    running = tool.measure(*TINY, *arguments)
    seen = tool.listening(running)
    done = running.wait()
    assert (done.code, done.complaints) == (0, [])
    _check_sockets(seen, done)
    cases = json.loads((tool.folder / "out.json").read_text())["cases"]
    assert Counter((case["scheduler"], case["workers"]) for case in cases) == PLACES
    for case in cases:
        assert (case["status"], case["invalid_samples"], case["answer_ok"]) == ("ok", 0, True)
        assert case["samples"] == ROUNDS
        assert case["tasks_run"] == case["tasks_expected"] == 10 * ROUNDS * case["loops"]
        assert case["peak_rss_bytes"] > 0
        assert case["startup_s"] > 0
        assert {blas["threads"] for blas in case["blas"]} == {1}, case["scheduler"]
        _check_samples(case)
    _check_table(done.out)


def _check_samples(case: Json) -> None:
    measured = [sample for sample in case["raw_samples"] if not sample["warmup"]]
    assert [sample["round"] for sample in measured] == [1, 2, 3]
    for sample in case["raw_samples"]:
        assert sample["valid"]
        assert sample["tasks_run"] == sample["tasks_expected"] == 10 * sample["loops"]


def _check_table(text: str) -> None:
    for place in ("numpy", "synchronous", "threads × 2", "processes-warm × 1", "distributed × 2"):
        assert place in text
    assert max(map(len, text.splitlines())) <= 80


def test_blas_threads_are_alike(tool: Tool) -> None:
    if psutil.cpu_count() == 1:
        pytest.skip("one core: BLAS never takes 2 threads")
    done = tool.run(
        *("schedulers", *TINY, "--schedulers", BLAS, "--workers", "1", "--rounds", "1"),
        *("--blas-threads", "2"),
    )
    assert done.code == 0, done.err
    for case in tool.results()["cases"]:
        assert {blas["threads"] for blas in case["blas"]} == {2}, case["scheduler"]


def test_native_blas_is_as_shipped(tool: Tool) -> None:
    variables = {name: "" for name in tool.environment if name.endswith("_NUM_THREADS")}
    tool.environment = {k: v for k, v in tool.environment.items() if k not in variables}
    bare = json.loads(tool.run(command=(sys.executable, "-c", BARE_BLAS)).out)
    done = tool.run(
        *("schedulers", *TINY, "--schedulers", BLAS, "--workers", "1", "--rounds", "1"),
        *("--blas-threads", "native"),
    )
    assert done.code == 0, done.err
    for case in tool.results()["cases"]:
        shipped = [1] * len(bare) if case["scheduler"] == "distributed" else bare
        assert [blas["threads"] for blas in case["blas"]] == shipped, case["scheduler"]


def test_dasks_own_choices_are_rows_and_listen_on_this_machine_alone(tool: Tool) -> None:
    """And what its clusters hold is read, though one has no nannies."""
    names = "synchronous,default,distributed-inproc,default-cluster"
    running = tool.measure(
        *(*TINY, "--schedulers", names, "--rounds", "2", "--memory", "--json", "out.json"),
        "--explain",
    )
    seen = tool.listening(running)
    done = running.wait()
    assert (done.code, done.complaints) == (0, [])
    _check_sockets(seen, done)
    cores = psutil.Process().cpu_affinity() or []
    for case in json.loads((tool.folder / "out.json").read_text())["cases"]:
        assert (case["status"], case["baseline"]) == ("ok", "synchronous")
        assert case["tasks_run"] == case["tasks_expected"] == 20 * case["loops"]
        workers, threads = case["workers"], case["threads_per_worker"]
        if case["scheduler"] != "synchronous":
            assert 1 <= workers * (threads or 1) <= len(cores)
        if case["scheduler"] == "default":
            assert case["chosen"] == "threads"
        if "timeline" in case:
            assert {row["worker"] for row in case["timeline"]} == set(map(str, range(workers)))
            assert (case["thresholds"]["terminate"] > 0) == (
                case["scheduler"] != "distributed-inproc"
            )
    assert "ratio: time / time of synchronous" in " ".join(done.out.split())


def test_every_empty_task_is_counted(tool: Tool) -> None:
    """In each shape of graph; their answers depend on all of them."""
    done = tool.run(
        *("bench", "empty_tasks", "--tasks", "5e3", "--shape", "wide,chain,grid", "--rounds", "1"),
        *("--schedulers", "numpy,threads,distributed", "--workers", "2", "--warmup", "0"),
    )
    assert done.code == 0, done.out + done.err
    assert "per task" in done.out
    cases = tool.results()["cases"]
    assert len(cases) == 9
    for case in cases:
        assert (case["status"], case["tasks_run"], case["tasks_expected"]) == ("ok", 5000, 5000)
        assert case["task_s"] == pytest.approx(case["median_s"] / 5000)


def _check_sockets(seen: set[tuple[str, int]], done: Done) -> None:
    assert {ip for ip, _ in seen} == {"127.0.0.1"}
    for link in re.findall(r"http://([\d.]+):(\d+)/status", done.err):
        assert (link[0], int(link[1])) in seen
    assert done.err.count("/status") == 2


def test_progress_is_drawn_in_a_terminal(tool: Tool) -> None:
    reader, terminal = pty.openpty()
    with (tool.folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "daskbench",
                "schedulers",
                *TINY,
                "--schedulers",
                "numpy",
                "--format",
                "plain",
            ],
            cwd=tool.folder,
            env=tool.environment | {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
            stdin=terminal,
            stdout=out,
            stderr=terminal,
        )
    os.close(terminal)
    drawn = b""
    while data := _read(reader):
        drawn += data
    os.close(reader)
    assert process.wait(60) == 0
    assert b"numpy" in drawn
    assert b"10/10" in drawn
    assert b"\x1b[" in drawn
    shown = (tool.folder / "out").read_text()
    assert "\x1b" not in shown
    assert "per loop" in shown


def _read(descriptor: int) -> bytes:
    """Read from a terminal; Linux answers EIO once nobody has its other end open."""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""


def test_rounds_go_on_until_every_row_is_decided(tool: Tool) -> None:
    """NumPy beside cold pools, which take many times as long: nobody says how many rounds."""
    done = tool.run(
        "schedulers", *TINY, "--schedulers", "numpy,threads,processes", "--workers", "2"
    )
    assert done.code == 0, done.err
    assert " 4 rounds or more, until all rows are decided" in " ".join(done.out.split())
    cases = {case["scheduler"]: case for case in tool.results()["cases"]}
    assert cases["processes"]["verdict"] == "slower"
    assert cases["processes"]["ratio_low"] > 1.02
    assert cases["threads"]["verdict"] == "slower"
    assert 4 <= cases["processes"]["samples"] <= cases["numpy"]["samples"]
    assert tool.read().status == "complete"
