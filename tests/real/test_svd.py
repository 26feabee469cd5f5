"""The decompositions from the command line to the table, on real lanes and clusters."""

import re
import shutil

import pytest

from daskbench import environment

from .tool import Done, Json, Tool

pytestmark = pytest.mark.real

CORES = environment.cores()
EXACT = 1e-12
NORMS = ("|U'U-I|", "|VV'-I|", "|X-USV|/|X|")
METHODS = "tsqr,cholesky-qr2,gram"
TWO_ROUNDS = ("--rounds", "2", "--hardware", "off")
#: Lanes that start in half a second, and samples of a few milliseconds.
TINY = ("--shape", "2e4x50", "--chunks", "5e3x50", *TWO_ROUNDS)
ALONE = (*TINY, "--schedulers", "numpy")
SMALL = ("--shape", "1e5x100", "--chunks", "1e4x100", "--workers", "2", *TWO_ROUNDS)

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="there is no program dot here")


def check_row(case: Json, samples: int) -> None:
    """Every sample is proved: all tasks ran, and the answer is right."""
    found = (case["status"], case["samples"], case["invalid_samples"], case["answer_ok"])
    assert found == ("ok", samples, 0, True), case["reason"]
    for sample in case["raw_samples"]:
        assert sample["tasks_run"] == sample["tasks_expected"] > 0
    assert case["error"] < EXACT


def check_vectors(case: Json) -> None:
    """The norms are there where there are vectors, and nowhere else."""
    if case["parameters"]["compute"] == "usv":
        assert all(0 <= case[norm] < EXACT for norm in NORMS)
    else:
        assert not any(norm in case for norm in NORMS)


def check_refused(tool: Tool, done: Done, *words: str) -> None:
    """It says in one line what is wrong, and has begun nothing."""
    assert done.code == 2, done.out + done.err
    assert "Traceback" not in done.err
    (line,) = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    assert done.err.endswith(f"{line}\n")
    for word in words:
        assert word in line
    assert tool.journals == []


# ------------------------------------------------------------------------------------- the answers


def test_every_method_is_right_and_stands_in_one_table(tool: Tool) -> None:
    sweep = ("--method", METHODS, "--compute", "s,usv")
    done = tool.run("svd", *TINY, "--workers", "2", *sweep, "--explain")
    assert (done.code, done.complaints) == (0, []), done.out
    cases = tool.results()["cases"]
    assert len(cases) == 6
    tables: dict[str, list[Json]] = {}
    for case in cases:
        check_row(case, samples=2)
        check_vectors(case)
        tables.setdefault(case["compute"], []).append(case)
    for rows in tables.values():
        assert [row["method"] for row in rows] == METHODS.split(",")
        assert len({row["baseline"] for row in rows}) == 1
        assert rows[0]["ratio"] == 1
        assert [row["best"] for row in rows].count(True) == 1
    assert done.said.count("svd shape=20000x50") == 2
    assert "below 1 is faster" in done.said


def test_schedulers_side_by_side(tool: Tool) -> None:
    names = ["numpy", "synchronous", "threads", "processes", "distributed"]
    where = ("--schedulers", ",".join(names), "--workers", str(CORES))
    done = tool.run("svd", *TINY, *where)
    assert (done.code, done.complaints) == (0, []), done.out
    cases = tool.cases()
    assert list(cases) == names
    for name, case in cases.items():
        check_row(case, samples=2)
        assert {blas["threads"] for blas in case["blas"]} == {CORES if name == "numpy" else 1}
        assert case["baseline"] == cases["numpy"]["baseline"]
    assert f"numpy, {CORES} BLAS thread" in done.out
    assert f"BLAS threads 1/{CORES}" in done.said or CORES == 1


def test_hardware_stands_beside(tool: Tool) -> None:
    small = ("--shape", "1e5x100", "--chunks", "2e4x100", "--workers", "2", "--rounds", "2")
    done = tool.run("svd", *small, "--min-time", "1us", "--explain")
    assert (done.code, done.complaints) == (0, []), done.out
    cases = tool.results()["cases"]
    hardware = [case for case in cases if case["benchmark"] == "hardware"]
    found = [(case["probe"], case["threads"]) for case in hardware]
    sizes = dict.fromkeys((1, CORES))
    assert found == [(probe, threads) for probe in ("dgemm", "triad") for threads in sizes]
    for case in hardware:
        assert (case["status"], case["samples"]) == ("ok", 2)
        assert case["flops_per_s" if case["probe"] == "dgemm" else "bytes_per_s"] > 0
        assert {blas["threads"] for blas in case["blas"]} == {case["threads"]}
    check_row(cases[0], samples=2)
    assert cases[0]["flops_per_s"] > 0
    assert cases[0]["dgemm_share"] > 0
    assert "hardware, in the same rounds: dgemm" in done.said


def test_hardware_is_right_in_loops_too(tool: Tool) -> None:
    """On a machine that is faster, or with more cores, the triad is over in less than 10 ms."""
    where = ("--schedulers", "numpy", "--rounds", "2", "--min-time", "30ms")
    done = tool.run("svd", *TINY[:4], *where)
    triads = [case for case in tool.results()["cases"] if case.get("probe") == "triad"]
    assert [(case["status"], case["samples"]) for case in triads] == [("ok", 2)] * len(triads)
    assert done.code == 0


def test_approximations_say_how_far_off_they_are_and_what_to_turn(tool: Tool) -> None:
    size = ("--shape", "2000x2000", "--chunks", "500x500", "-k", "5")
    ways = ("--power-iterations", "0,2", "--iterator", "power,QR")
    where = ("--schedulers", "threads", "--workers", "2")
    done = tool.run("svd-compressed", *size, *ways, *where, *TWO_ROUNDS)
    assert (done.code, done.complaints) == (0, []), done.out
    cases = {(case["iterator"], case["power_iterations"]): case for case in tool.results()["cases"]}
    assert set(cases) == {(name, count) for name in ("power", "QR") for count in (0, 2)}
    for case in cases.values():
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 2, 0)
        assert case["tasks_run"] == case["tasks_expected"]
        errors = [case[f"error_{i}"] for i in range(1, 6)]
        assert case["error"] == max(errors)
        assert "error_6" not in case
    for name in ("power", "QR"):
        assert cases[name, 0]["error"] > cases[name, 2]["error"] > 0
    assert "try --power-iterations 2" in done.said
    explained = tool.run("show", "--explain")
    assert "too small with 0 power iterations" in explained.said


# ----------------------------------------------------------------------------------- a closer look


@needs_dot
def test_graph_is_drawn(tool: Tool) -> None:
    pytest.importorskip("graphviz")
    file = tool.folder / "g.svg"
    file.write_text("mine")
    refused = tool.run("svd", *ALONE, "--graph", file.name)
    check_refused(tool, refused, file.name, "--force")
    assert file.read_text() == "mine"
    done = tool.run("svd", *ALONE, "--graph", file.name, "--force")
    assert (done.code, done.complaints) == (0, [])
    assert b"<svg" in file.read_bytes()
    assert re.search(r"^graph of \d+ tasks in g.svg$", done.err, re.MULTILINE)
    assert [path.name for path in tool.folder.glob("*g.*")] == [file.name]
    check_row(tool.cases()["numpy"], samples=2)


@needs_dot
def test_graph_that_nobody_could_read_is_drawn_smaller(tool: Tool) -> None:
    pytest.importorskip("graphviz")
    size = ("--shape", "2e4x10", "--chunks", "100x10", "--schedulers", "numpy", *TWO_ROUNDS)
    done = tool.run("svd", *size, "--graph", "g.pdf")
    assert (done.code, done.complaints) == (0, [])
    found = re.search(r"graph of (\d+) of ([\d,]+) tasks in g.pdf, drawn for X of \d+x10", done.err)
    assert found
    assert int(found[1]) <= 150 < int(found[2].replace(",", ""))
    assert b"%PDF" in (tool.folder / "g.pdf").read_bytes()


def test_graph_without_graphviz(tool: Tool) -> None:
    pytest.importorskip("graphviz")
    nowhere = {"PATH": str(tool.temporary)}
    refused = tool.run("svd", *ALONE, "--graph", "g.svg", environment=nowhere)
    check_refused(tool, refused, "dot", "Graphviz")
    assert refused.err.count("\n") == 1
    assert not (tool.folder / "g.svg").exists()


def test_performance_report_is_of_one_more_sample(tool: Tool) -> None:
    pytest.importorskip("bokeh")
    report = ("--performance-report", "r.html", "--no-progress")
    done = tool.run("svd", *TINY, "--workers", "2", *report)
    assert (done.code, done.complaints) == (0, [])
    assert "dashboard" not in done.err
    html = (tool.folder / "r.html").read_text()
    assert "<html" in html
    assert "Dask Performance Report" in html
    (case,) = tool.results()["cases"]
    check_row(case, samples=2)
    last = tool.events("sample")[-1]
    assert (last["warmup"], last["round"]) == (True, 0)
    measured = tool.measured()
    assert [sample["round"] for sample in measured] == [1, 2]
    times = [(s["wall_s"] + s.get("build_s", 0.0)) / s.get("loops", 1) for s in measured]
    assert case["mean_s"] == pytest.approx(sum(times) / 2)


# ---------------------------------------------------------------------------------- before it runs


def test_dry_run_tells_what_it_would_hold_and_measures_nothing(tool: Tool) -> None:
    size = ("--shape", "2e5x100", "--chunks", "2e4x100", "--workers", "2")
    done = tool.run("svd", *size, "--schedulers", "numpy,distributed", "--dry-run")
    assert (done.code, done.complaints) == (0, [])
    assert re.search(r"X is 153 MiB in chunks of 15.3 MiB, 2\d tasks, about", done.out)
    assert re.search(r"X is 153 MiB, about \d+ MiB of .+: fits", done.out)
    assert re.search(r"about \d+ MiB of .+ per worker: fits", done.out)
    assert tool.journals == []
    assert not tool.store.exists()
