"""Journals that earlier versions of daskbench wrote are read as if today's had written them.

The files in schemas/ were written by the code of those versions; the paths, the host and the kernel
in them were replaced, and those of calibrate are cut.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from daskbench.formats import FORMATS, INTEROP, PAGES
from daskbench.journal.read import read_run

JOURNALS = sorted((Path(__file__).parent / "schemas").glob("*/*.jsonl"))
#: What each command's table says of such a run, whichever version measured it.
SAYS = {
    "ab": "B/A [95 % CI]",
    "calibrate": "slower:",
    "limit": "150 MiB per worker",
    "memory": "limit 11.8 GiB per worker",
    "schedulers": "threads × 2",
    "svd": "BLAS thread",
    "thresholds": "agrees",
}


@pytest.fixture(params=JOURNALS, ids=lambda path: f"schema {path.parent.name}, {path.stem}")
def journal(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def lines_of(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text().splitlines()]


def test_each_earlier_schema_is_here() -> None:
    assert {path.parent.name for path in JOURNALS} == {"1", "2", "3", "4", "5"}
    for path in JOURNALS:
        assert lines_of(path)[0]["schema"] == int(path.parent.name)


def test_no_sample_is_lost_or_changed(journal: Path) -> None:
    run = read_run(journal)
    for case, samples in run.samples.items():
        written = [
            line for line in lines_of(journal) if line["event"] == "sample" and line["case"] == case
        ]
        rows = list(samples.rows())
        assert len(rows) == len(written)
        for row, line in zip(rows, written, strict=True):
            assert row["wall_s"] == line["wall_s"]
            assert row["tasks_run"] == line["tasks_run"]
            assert bool(row["valid"]) == line.get("valid", True)
    assert any(run.samples.values())


@pytest.mark.parametrize("name", [*FORMATS, *INTEROP, *PAGES])
def test_every_format_shows_it(journal: Path, name: str) -> None:
    command = "show" if name in ("table", "plain") else "export"
    option = "--format" if command == "show" else f"--{name}"
    asked = [command, str(journal), option.replace("_", "-"), name if command == "show" else "-"]
    result = CliRunner().invoke(main, asked, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert result.stdout


def test_the_table_says_what_its_experiment_found(journal: Path) -> None:
    result = CliRunner().invoke(main, ["show", str(journal)], env={"COLUMNS": "200"})
    assert SAYS[journal.stem] in result.stdout


def test_resume_starts_nothing_that_it_names(journal: Path) -> None:
    result = CliRunner().invoke(main, ["resume", str(journal)])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
