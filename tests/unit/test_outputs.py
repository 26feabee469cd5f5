"""Output on the pages is what the tool prints now of the runs that are kept in docs/journals."""

import re
import runpy
from pathlib import Path

import pytest

from daskbench.experiments.report import build
from daskbench.journal.read import read_run

ROOT = Path(__file__).parents[2]
OUTPUTS = runpy.run_path(str(ROOT / "docs" / "outputs.py"))
TEXTS = {path: path.read_text(encoding="utf-8") for path in OUTPUTS["PAGES"]}


@pytest.mark.parametrize(
    "path",
    [path for path, text in TEXTS.items() if re.search(r"^ {4}\$ ", text, re.MULTILINE)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_output_is_what_the_tool_prints_of_the_kept_run(path: Path) -> None:
    assert OUTPUTS["again"](TEXTS[path]) == TEXTS[path], "python docs/outputs.py writes it anew"


def test_every_run_shown_is_kept() -> None:
    assert [run for text in TEXTS.values() for run in OUTPUTS["not_printed"](text)] == []


def test_every_run_kept_is_shown() -> None:
    assert [run for run in OUTPUTS["kept"]() if run not in "".join(TEXTS.values())] == []


def test_stale_output_is_found() -> None:
    run = next(run for run in OUTPUTS["kept"]() if "-schedulers-" in run)
    page = f"text\n\n    $ daskbench schedulers\n    stale\n\n    run {run}\n\ntext\n"
    new = OUTPUTS["again"](page)
    assert "stale" not in new
    assert new.startswith("text\n\n    $ daskbench schedulers\n    calc_mean n=100000")
    assert re.search(
        rf"^    run {run}; .+: daskbench show --explain\n\ntext\n\Z", new, re.MULTILINE
    )


def test_kept_journals_tell_nothing_of_a_machines_folders(tmp_path: Path) -> None:
    folder = Path(OUTPUTS["store"]())
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(?:root|tmp/\w|work/|home/(?!user/))|\"seal\"", text), path.name


def test_every_column_and_member_is_described() -> None:
    """Of the kept runs, which are of all experiments: parameters and figures aside."""
    page = TEXTS[ROOT / "docs" / "reference" / "csv-json.md"]
    page += TEXTS[ROOT / "docs" / "reference" / "journal.md"]
    for path in sorted(Path(OUTPUTS["store"]()).iterdir()):
        run = read_run(path)
        document = build(run).document
        own = {name for _, _, case in run.cases for name in case.parameters}
        own |= {
            name for one in run.samples.values() for row in one.figures.values() for name in row
        }
        tables = [document.records(), *(table() for table in document.tables.values())]
        names = {name for table in tables for name in table.names} | {*document.facts()}
        told = {name for name in names if f"`{name}`" in page}
        ours = (name for name in names - own - told if not name.startswith(("b_", "figure_")))
        assert [*ours] == [], path


def test_a_run_is_measured_by_what_is_above_its_output() -> None:
    page = (
        "```python\nprint(1)\n```\n\n    1\n    run first\n\ntext\n\n"
        "    $ daskbench run lesson --rounds 3\n    table\n\n    run second\n"
    )
    above = OUTPUTS["shown_above"]
    assert above("first", page)[1:] == ["-c", "print(1)\n"]
    assert above("second", page)[1:] == ["-m", "daskbench", "run", "lesson", "--rounds", "3"]
    assert above("third", page) == []
