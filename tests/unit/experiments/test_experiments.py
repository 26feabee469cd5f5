"""A new experiment is one new folder and one line, and general rooms know none of them."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import daskbench
from daskbench.benchmarks import BENCHMARKS, REFERENCES
from daskbench.cli import main
from daskbench.experiments import EXPERIMENTS
from daskbench.formats import FORMATS
from tests.unit.fakes import Clock, FakeLanes

ROOT = Path(daskbench.__file__).parent
TOY = """
from daskbench.document import Column, Row, Section, Table
from daskbench.experiments.base import Experiment, Part
from daskbench.findings.rules import Rule


def told(run, groups):
    yield "the toy was looked at"


class Toy(Experiment):
    rules = (Rule(told, severity="answer"),)
    facts = ("toys",)

    def read(self, run, suite, numbered, published):
        part = super().read(run, suite, numbered, published)
        table = Table([Column("toy", "toy"), Column("n", "how many")], [Row(["ball", 3])])
        section = Section("a section of toys", [table])
        return Part(
            suite,
            part.tables,
            [section],
            part.failed,
            figures={row.number: {"toy_price": 7.5} for row in part.results},
            facts={"toys": [{"name": "ball"}]},
        )


EXPERIMENT = Toy()
"""
SUITE = """
[suites.play]
experiment = "toy"
benchmark = "calc_mean"
schedulers = ["numpy", "threads"]
workers = 1
rounds = 2
"""


@pytest.fixture
def toy(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One folder, one line, and a suite in benchmarks.toml."""
    (here / "toy_experiment").mkdir()
    (here / "toy_experiment" / "__init__.py").write_text(TOY)
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.setitem(EXPERIMENTS, "toy", "toy_experiment")
    (here / "benchmarks.toml").write_text(SUITE)
    FakeLanes(Clock()).put_in_place(monkeypatch)


@pytest.mark.usefixtures("toy")
def test_a_new_experiment_is_a_folder_and_a_line(runner: CliRunner) -> None:
    done = runner.invoke(main, ["run", "play"])
    assert done.exit_code == 0, done.output
    shown = {name: runner.invoke(main, ["show", "--format", name]).stdout for name in FORMATS}
    for name in ("table", "plain", "markdown"):
        for text in ("a section of toys", "ball", "looked at"):
            assert text in shown[name], (name, shown[name])
    assert "toy_price" in shown["csv"].splitlines()[0]
    assert "7.5" in shown["csv"]
    facts = json.loads(shown["json"])
    assert facts["toys"] == [{"name": "ball"}]
    assert facts["findings"][0] == "the toy was looked at"
    assert [case["toy_price"] for case in facts["cases"]] == [7.5, 7.5]


#: Where names of experiments and benchmarks stand by right: their own rooms, the tables that
#: register them, what earlier journals called them, and commands, each of which is of one.
ROOMS = ("experiments", "benchmarks", "cli", "upgrade.py")
#: Words that are options, or words of memory or Dask's metrics as well.
_COMMON = {"memory", "thresholds", "limit", "network"}
#: The default of all; what suites take along; a key that bears the name of what it turns on.
ALLOWED = {
    ("model.py", "compare"),
    ("config/names.py", "ab"),  # the letters of the two sides
    ("config/suites.py", "hardware"),
    ("config/keys.py", "hardware"),
}


def names_in(path: Path) -> Iterator[str]:
    """Yield the texts of a file that are the name of an experiment or a benchmark."""
    known = ({*EXPERIMENTS} | {*BENCHMARKS} | {*REFERENCES}) - _COMMON
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value in known:
            yield str(node.value)


def test_general_rooms_name_no_experiment_and_no_benchmark() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in ROOMS
        for name in names_in(path)
    }
    assert found == ALLOWED


def test_experiments_name_no_benchmark_but_as_the_default_of_a_plan() -> None:
    """What they know of one, it has declared."""
    ours = {*BENCHMARKS} | {*REFERENCES}
    named = {
        f"{path.parent.name}/{path.name}"
        for path in (ROOT / "experiments").rglob("*.py")
        if path.name != "plan.py" and (ours - _COMMON) & {*names_in(path)}
    }
    assert named == set()


def test_no_room_asks_which_kind_it_is() -> None:
    """Nor does general code look for attributes that nothing declares."""
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for word in ("is_search", "is_thresholds", "is_hardware", "compared_launches"):
            assert word not in text or path.name == "upgrade.py", f"{path} asks {word}"


def test_no_file_of_tests_has_400_lines() -> None:
    for path in Path(__file__).parents[2].rglob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") < 400, path


def test_no_file_is_longer_than_300_lines_and_no_function_than_40() -> None:
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                body = node.body[1:] if ast.get_docstring(node) else node.body
                first = body[0].lineno if body else node.lineno
                assert node.end_lineno - first < 40, f"{path}: {node.name}"
