"""Usage errors: one line, before anything slow starts."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from daskbench.benchmarks import drawing
from daskbench.cli import COMMANDS, look, main
from daskbench.journal.write import JournalWriter
from daskbench.model import Published, Suite
from tests.unit.builders import (
    NUMPY_S,
    RUN_ID,
    make_case,
    make_header,
    make_plan,
    make_run,
    make_sample,
    timed,
)
from tests.unit.cli.asking_cli import SVD, stored, told


def test_an_unknown_command_is_told_with_the_nearest(runner: CliRunner) -> None:
    message = told(runner.invoke(main, ["scheduler"]))
    assert message == "Error: No such command 'scheduler': did you mean 'schedulers'?"


def test_an_unknown_command_far_from_all_is_told_with_all(runner: CliRunner) -> None:
    message = told(runner.invoke(main, ["xyz"]))
    assert all(name in message for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["schedulers", "--schedulers", "thread"], "no 'thread': did you mean 'threads'?"),
        (["schedulers", "--workers", "0"], "'0' is not a whole number above zero"),
        (["schedulers", "--n", "many"], "'many' is not a whole number above zero"),
        (["schedulers", "--rng", "old"], "no 'old': choose from legacy, generator"),
        (["schedulers", "--timeout", "soon"], "'soon' is not a duration above zero"),
        (["schedulers", "--address", "there"], "'there' is not an address"),
        (["schedulers", "--scheduler-file", "none"], "there is no file none"),
        (["schedulers", "--tls-ca", "benchmarks.toml"], "need --address or --scheduler-file"),
        (["schedulers", "--seed", "x"], "'x' is not a valid integer"),
        (["schedulers", "--format", "pdf"], "'pdf' is not one of"),
        (["schedulers", "--csv", "."], ". is a folder; name a file"),
        (["schedulers", "--csv", "none/x.csv"], "there is no folder"),
        (["schedulers", "--csv", "benchmarks.toml"], "benchmarks.toml exists; use --force to"),
        (["schedulers", "--memory-limit", "lots"], "'lots' is not a size"),
        (["schedulers", "--hardware", "yes"], "no 'yes': choose from on, off"),
        ([*SVD, "--schedulers", "numpy", "--memory-limit", "1GiB"], "applies only to distributed"),
        ([*SVD, "--chunks", "20x5"], "--shape 200x10 --chunks 20x10; or use the approximate one"),
        ([*SVD, "--graph", "x.txt"], "--graph x.txt: name a file that ends in .svg, .png, .pdf"),
        ([*SVD, "--graph", "none/x.svg"], "there is no folder"),
        ([*SVD, "--graph", "old.svg"], "old.svg exists; use --force to overwrite it"),
        ([*SVD, "--graph", "x.svg", "--performance-report", "x.svg"], "x.svg is given for two"),
        ([*SVD, "--performance-report", "none/x.html"], "there is no folder"),
        ([*SVD, "--performance-report", "old.svg"], "old.svg exists; use --force to overwrite it"),
        (
            [*SVD, "--performance-report", "x.html", "--schedulers", "numpy,threads"],
            "--performance-report needs distributed; add it to --schedulers",
        ),
        (["svd-compressed", "-k", "0"], "'0' is not a whole number above zero"),
        (["svd-compressed", "-k", "201", "--distribution", "spectrum"], "-k 201 is above the rank"),
        (["svd-compressed", "--power-iterations", "-1"], "'-1' is not a whole number"),
        (["run", "nosuch"], "no suite 'nosuch'"),
        (["run", "--file", "none.toml"], "cannot read none.toml"),
        (["run", "--rounds", "0"], "'0' is not a whole number above zero"),
        (["show"], "no runs in .daskbench"),
        (["export"], "nothing to write; name a file"),
        (["export", "--samples", "--json", "-"], "--samples needs --csv"),
        (["export", "--csv", "-"], "no runs in .daskbench"),
        (["delete"], "Missing argument"),
        (["delete", "x"], "no runs in .daskbench"),
        (["resume"], "no runs in .daskbench"),
        (["init"], "benchmarks.toml exists; use --force to overwrite it"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    runner: CliRunner, here: Path, arguments: list[str], words: str
) -> None:
    (here / "benchmarks.toml").write_text('[suites.here]\nbenchmark = "calc_mean"\n')
    (here / "old.svg").write_text("mine")
    assert words in told(runner.invoke(main, arguments))
    assert not (here / ".daskbench").exists()


@pytest.mark.parametrize(
    ("module", "option", "words"),
    [
        ("bokeh", "--performance-report=x.html", "--performance-report needs the Python package"),
        ("graphviz", "--graph=x.svg", "--graph needs the Python package graphviz"),
    ],
)
def test_a_missing_package_is_told_before_anything_is_measured(
    runner: CliRunner,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    option: str,
    words: str,
) -> None:
    for place in (look, drawing):
        monkeypatch.setattr(place, "find_spec", lambda name: None if name == module else object())
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert words in told(runner.invoke(main, [*SVD, option]))
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[defaults]\nrounds = 3\n"])
def test_a_file_without_suites_is_told(runner: CliRunner, here: Path, text: str) -> None:
    (here / "benchmarks.toml").write_text(text)
    assert "suite" in told(runner.invoke(main, ["run"]))


def test_an_option_contradicting_another_is_told(runner: CliRunner, here: Path) -> None:
    (here / "file").write_text('{"address": "tcp://a:1"}')
    arguments = ["schedulers", "--address", "tcp://a:1", "--scheduler-file", "file"]
    assert "both name a cluster" in told(runner.invoke(main, arguments))


def test_a_store_that_is_a_file_is_told(runner: CliRunner, here: Path) -> None:
    (here / "file").write_text("")
    assert "file" in told(runner.invoke(main, ["list", "--store", "file"]))


def test_list_tells_every_run_and_how_it_stands(runner: CliRunner, here: Path) -> None:
    stored(here, run_id="20260101-a")
    stored(here, [], run_id="20260102-試験", finish=False)
    (here / ".daskbench" / "20260103-c.jsonl").write_text("nothing\n")
    with JournalWriter.create(here / ".daskbench" / "20260104-d.jsonl", make_header()):
        result = runner.invoke(main, ["list"])
    assert result.exit_code == 0
    complete, interrupted, damaged, live = result.stdout.splitlines()
    assert complete.split()[:4] == ["20260101-a", "complete", "2", "cases"]
    assert interrupted.split()[1] == "interrupted"
    places = [line.partition(word)[0] for line, word in ((complete, "compl"), (interrupted, "int"))]
    assert cell_len(places[0]) == cell_len(places[1])
    assert damaged.split()[:2] == ["20260103-c", "damaged:"]
    assert live.split()[1] == "running"


def test_an_empty_list_says_so_on_stderr(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["list"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no runs in .daskbench\n"


@pytest.mark.parametrize("arguments", [[], ["latest"], [RUN_ID], ["20261123"]])
def test_show_finds_the_run(runner: CliRunner, here: Path, arguments: list[str]) -> None:
    stored(here)
    result = runner.invoke(main, ["show", *arguments])
    assert result.exit_code == 0
    assert "threads × 2" in result.stdout
    assert f"run {RUN_ID}" in result.stdout


def test_show_takes_the_path_of_a_journal(runner: CliRunner, here: Path) -> None:
    path = make_run(here / "elsewhere").path
    result = runner.invoke(main, ["show", str(path)])
    assert f"run {RUN_ID}" in result.stdout


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("table", "ratio [95 % CI]"),
        ("plain", "(mean ± std. dev. of 3 runs, 1 loop each)"),
        ("markdown", "| scheduler × workers |"),
        ("csv", "benchmark,scheduler,workers"),
        ("json", '"raw_samples"'),
    ],
)
def test_show_has_every_view(runner: CliRunner, here: Path, view: str, words: str) -> None:
    stored(here)
    assert words in runner.invoke(main, ["show", "--format", view]).stdout


def test_show_of_a_damaged_run_names_file_and_line(runner: CliRunner, here: Path) -> None:
    path = stored(here).path
    path.write_bytes(path.read_bytes().replace(b'{"event":"sample"', b"{", 1))
    message = told(runner.invoke(main, ["show"]))
    assert f"{path.name}, line 4: damaged" in message


def test_show_of_figures_that_nobody_published_is_told(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "has no published figures" in told(runner.invoke(main, ["show", "--published"]))


def test_show_puts_published_figures_beside_the_measured(runner: CliRunner, here: Path) -> None:
    suite = Suite("s", (make_case("numpy"),), published=(Published("numpy", 0.352, 925e-6),))
    stored(here, timed(0, NUMPY_S), make_plan(suite))
    result = runner.invoke(main, ["show", "--published"])
    assert "352 ms ± 925 µs" in result.stdout


def test_the_width_is_that_of_columns(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(here)
    monkeypatch.setenv("COLUMNS", "200")
    wide = runner.invoke(main, ["show"]).stdout.splitlines()
    monkeypatch.setenv("COLUMNS", "40")
    narrow = runner.invoke(main, ["show"]).stdout.splitlines()
    assert max(map(len, narrow)) <= 40 < 80 < max(map(len, wide)) <= 200


def test_the_store_is_an_option_or_a_variable(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(here / "one")
    make_run(here / "two", run_id="20270101-two")
    monkeypatch.setenv("DASKBENCH_STORE", "two")
    assert "20270101-two" in runner.invoke(main, ["list"]).stdout
    assert RUN_ID in runner.invoke(main, ["list", "--store", "one"]).stdout


def test_export_writes_every_format(runner: CliRunner, here: Path) -> None:
    stored(here)
    arguments = ["export", "--csv", "a.csv", "--json", "a.json", "--markdown", "a.md"]
    result = runner.invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (0, "")
    rows = list(csv.DictReader(io.StringIO((here / "a.csv").read_text())))
    assert [row["scheduler"] for row in rows] == ["numpy", "threads"]
    assert json.loads((here / "a.json").read_text())["run_id"] == RUN_ID
    assert "| scheduler × workers |" in (here / "a.md").read_text()
    assert (here / "a.csv").read_bytes().count(b"\r\n") == 3
    assert sorted(path.name for path in here.iterdir()) == [
        ".daskbench",
        "a.csv",
        "a.json",
        "a.md",
    ]


def test_export_to_stdout(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["export", "latest", "--csv", "-"])
    assert result.stdout_bytes.count(b"\r\n") == 3
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 2


def test_export_of_samples(runner: CliRunner, here: Path) -> None:
    stored(here, [make_sample(0, 0, 0.5, warmup=True), *timed(0, NUMPY_S)])
    result = runner.invoke(main, ["export", "--samples", "--csv", "-"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["wall_s"] for row in rows] == ["0.5", "0.1", "0.102", "0.101"]


def test_a_file_is_written_over_only_by_force(runner: CliRunner, here: Path) -> None:
    stored(here)
    (here / "a.csv").write_text("mine")
    arguments = ["export", "--csv", "a.csv", "--json", "a.json"]
    assert "a.csv exists; use --force to overwrite it" in told(runner.invoke(main, arguments))
    assert (here / "a.csv").read_text() == "mine"
    assert not (here / "a.json").exists()
    assert runner.invoke(main, [*arguments, "--force"]).exit_code == 0
    assert (here / "a.csv").read_text().startswith("benchmark,")


def test_one_file_for_two_formats_is_told(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "a.txt" in told(runner.invoke(main, ["export", "--csv", "a.txt", "--json", "a.txt"]))
    assert not (here / "a.txt").exists()


def test_a_written_file_has_the_usual_permissions(runner: CliRunner, here: Path) -> None:
    stored(here)
    (here / "plain").write_text("")
    runner.invoke(main, ["export", "--csv", "a.csv"])
    assert (here / "a.csv").stat().st_mode == (here / "plain").stat().st_mode


def test_delete_removes_runs_and_says_which(runner: CliRunner, here: Path) -> None:
    for run_id in ("20260101-a", "20260102-b", "20260103-c"):
        stored(here, run_id=run_id)
    result = runner.invoke(main, ["delete", "20260101", "20260103-c"])
    assert result.stdout == "deleted 20260101-a\ndeleted 20260103-c\n"
    assert [path.stem for path in (here / ".daskbench").glob("*.jsonl")] == ["20260102-b"]


def test_delete_with_one_unknown_run_deletes_none(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "no run 'x'" in told(runner.invoke(main, ["delete", RUN_ID, "x"]))
    assert (here / ".daskbench" / f"{RUN_ID}.jsonl").exists()


def test_delete_of_a_run_named_twice_deletes_it_once(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["delete", "latest", RUN_ID])
    assert (result.exit_code, result.stdout) == (0, f"deleted {RUN_ID}\n")


def test_a_live_run_is_not_deleted_nor_resumed(runner: CliRunner, here: Path) -> None:
    path = here / ".daskbench" / f"{RUN_ID}.jsonl"
    path.parent.mkdir()
    with JournalWriter.create(path, make_header()):
        assert "is being measured" in told(runner.invoke(main, ["delete", "latest"]))
        assert "is being measured" in told(runner.invoke(main, ["resume"]))
    assert path.exists()


def test_init_writes_the_file_that_ships(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["init"])
    assert result.exit_code == 0
    assert "[suites.lesson-schedulers]" in (here / "benchmarks.toml").read_text()
    (here / "benchmarks.toml").write_text("")
    assert runner.invoke(main, ["init", "--force"]).exit_code == 0
    assert (here / "benchmarks.toml").stat().st_size > 100


def test_doctor_looks_at_everything(runner: CliRunner) -> None:
    result = runner.invoke(main, ["doctor"])
    assert result.exit_code == 0
    for name in ("python", "dask", "cores", "BLAS", "timer", "load", "swap", "temp folder", "dot"):
        assert any(line[2:].startswith(name) for line in result.stdout.splitlines()), name
    assert result.stdout.splitlines()[-1].endswith((" found", "no problems found"))
