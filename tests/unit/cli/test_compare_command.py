"""``daskbench compare`` and ``run --against``: what can be named, the gate, and exit codes."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from daskbench.cli import main
from daskbench.cli.gate import Gate, judge, make_gate, parse_limit, parse_percent
from daskbench.cli.run_refs import find_case
from daskbench.errors import ExitCode, UsageError
from daskbench.events import CaseFailed
from daskbench.experiments.ab.rows import compare_runs
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from tests.unit.builders import make_case, make_plan, make_run, make_suite
from tests.unit.experiments.compared import launched, runs_of, sided
from tests.unit.fakes import FakeLanes, failing

SUITE = """
[suites.s]
benchmark = "calc_mean"
n = 1000
tasks = 10
schedulers = ["threads"]
workers = 2
rounds = 2
launches = 5
"""


@pytest.fixture
def pair(here: Path) -> tuple[Run, Run]:
    """Two runs in the store: the first case is twice as slow in the second run."""
    return runs_of(here / ".daskbench", [0.1, 0.1], [0.2, 0.1])


@pytest.fixture
def lanes(here: Path, lanes: FakeLanes) -> FakeLanes:
    (here / "benchmarks.toml").write_text(SUITE)
    return lanes


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments])


# The gate's words


@given(st.floats(0.0001, 9.99))
def test_a_part_is_read_as_percent_and_up_to_one_as_a_fraction(part: float) -> None:
    assert parse_limit(f"slower:{part * 100!r}%") == pytest.approx(part)
    if part <= 1:
        assert parse_limit(f"slower:{part!r}") == part
        assert parse_percent(f" {part!r} ") == part
    else:  # who writes 5 means 5 %, not 500
        with pytest.raises(UsageError):
            parse_percent(f"{part!r}")


@given(st.text())
def test_any_text_is_read_or_told(text: str) -> None:
    for read in (parse_limit, parse_percent):
        with suppress(UsageError):
            assert 0 < read(text) <= 10


@pytest.mark.parametrize(
    "text",
    [
        "slower",
        "slower:",
        "slower:0",
        "slower:-5%",
        "slower:nan",
        "slower:inf",
        "slower:5%%",
        "slower:1001%",
        "slower:5",
        "faster:5%",
        "5%",
    ],
)
def test_no_gate_is_told_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"write slower:5% or slower:0\.05"):
        parse_limit(text)


def test_a_gate_and_its_margin_do_not_contradict_each_other() -> None:
    assert make_gate(None, None, False) == Gate(0.02)
    assert make_gate(None, 0.05, False) == Gate(0.02, 0.05)
    assert make_gate(None, 0.01, False) == Gate(0.01, 0.01)
    with pytest.raises(UsageError, match="a regression; use a margin up to that"):
        make_gate(0.1, 0.05, False)
    with pytest.raises(UsageError, match="add --fail-if"):
        make_gate(None, None, True)


def test_what_goes_first_of_several_outcomes(tmp_path: Path) -> None:
    """A regression goes before a case that failed, and that before what is not proved."""
    a, b = runs_of(tmp_path, [0.1, 0.1], [0.2, 0.1])
    assert judge(compare_runs(a, b), Gate()) is ExitCode.OK
    b.failures[1] = CaseFailed(1, "in round 1", "gone")
    gate = Gate(limit=0.05)
    assert judge(compare_runs(a, b, limit=0.05), gate) is ExitCode.REGRESSION
    assert judge(compare_runs(a, b, limit=3.0), gate) is ExitCode.CASE_FAILED
    a.failures[1] = b.failures.pop(1)
    assert judge(compare_runs(a, b, limit=3.0), gate) is ExitCode.CASE_FAILED
    a.failures.clear()
    fine = Gate(limit=0.05, inconclusive_ok=True)
    assert judge(compare_runs(a, b, limit=3.0), fine) is ExitCode.OK


# What can be named


def test_the_runs_before_the_latest_have_names(pair: tuple[Run, Run]) -> None:
    store = Store(Path(".daskbench"))
    assert store.find("latest") == store.find("latest~0") == store.path("20260102-b")
    assert store.find("latest~1") == store.path("20260101-a")
    with pytest.raises(UsageError, match=r"no 'latest~2' in \.daskbench: it has 2 runs"):
        store.find("latest~2")


@pytest.mark.parametrize("name", ["2", "threads-2", "threads × 2", "threads 2", "Threads-2"])
def test_a_case_is_named_by_its_row_or_its_place(tmp_path: Path, name: str) -> None:
    run = make_run(tmp_path, [], make_plan(make_suite(make_case(workers=1), make_case(workers=2))))
    assert find_case(run, name) == 1


def test_a_part_of_a_case_names_it_where_there_is_but_one(tmp_path: Path) -> None:
    cases = [make_case(workers=2, n=n) for n in (10, 20)]
    run = make_run(tmp_path, [], make_plan(make_suite(*cases)))
    assert find_case(run, "n=20") == 1
    with pytest.raises(UsageError, match=r"matches 2 cases of run .*use the number of one: 1 \("):
        find_case(run, "threads-2")


@pytest.mark.parametrize("name", ["0", "3", "nothing-like-it", ""])
def test_a_case_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    run = make_run(tmp_path, [], make_plan(make_suite(make_case(workers=1), make_case(workers=2))))
    with pytest.raises(UsageError, match=r"threads × 1"):
        find_case(run, name)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["latest"], "does not have two sides"),
        (["latest", "latest"], "A and B are the same"),
        (["latest:1", "latest:1"], "A and B are the same"),
        (["latest~1", "latest:1"], "one side is a run, the other a case"),
        (["latest:9", "latest:1"], "has no case 9"),
        (["latest~1", "nosuch"], "no run 'nosuch'"),
        (["latest~1", "latest", "--fail-if", "5%"], "'5%' is no gate"),
        (["latest~1", "latest", "--margin", "x"], "'x' is not a percentage above zero"),
        (["latest~1", "latest", "--inconclusive-ok"], "needs a gate; add --fail-if"),
        (["latest~1", "latest", "--csv", "."], ". is a folder"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(
    pair: tuple[Run, Run], arguments: list[str], words: str
) -> None:
    result = invoke("compare", *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert words in result.stderr
    assert result.stdout == ""


def test_runs_without_a_case_in_common_are_told(here: Path) -> None:
    for number, name in enumerate(("20260101-a", "20260102-b"), 1):
        plan = make_plan(make_suite(make_case(workers=number)))
        make_run(here / ".daskbench", launched(0, 0.1), plan, run_id=name)
    assert "have no case in common" in invoke("compare", "latest~1", "latest").stderr


# compare


def test_compare_shows_both_runs(pair: tuple[Run, Run]) -> None:
    result = invoke("compare", "latest~1", "latest")
    assert result.exit_code == 0
    assert "A: 20260101-a; B: 20260102-b" in " ".join(result.stdout.split())
    assert "slower" in result.stdout
    assert "daskbench ab " in invoke("compare", "latest~1", "latest", "--explain").stdout


@pytest.mark.parametrize(
    ("a", "b", "options", "code"),
    [
        ("latest~1", "latest", [], 0),
        ("latest~1", "latest", ["--fail-if", "slower:5%"], 3),
        ("latest~1", "latest", ["--fail-if", "slower:0.05", "--inconclusive-ok"], 3),
        ("latest", "latest~1", ["--fail-if", "slower:5%"], 0),
        ("latest~1:2", "latest:2", ["--fail-if", "slower:5%"], 0),
        ("latest~1", "latest", ["--fail-if", "slower:300%"], 0),
        ("latest:threads-2", "latest:threads-1", ["--fail-if", "slower:5%"], 3),
    ],
)
def test_the_exit_code_is_the_gates(
    pair: tuple[Run, Run], a: str, b: str, options: list[str], code: int
) -> None:
    result = invoke("compare", a, b, *options)
    assert result.exit_code == code, result.output


@pytest.mark.parametrize(("option", "code"), [([], 4), (["--inconclusive-ok"], 0)])
def test_a_gate_without_proof_is_inconclusive(here: Path, option: list[str], code: int) -> None:
    runs_of(here / ".daskbench", [0.1], [0.1], launches=1)
    result = invoke("compare", "latest~1", "latest", "--fail-if", "slower:5%", *option)
    assert result.exit_code == code
    assert "inconclusive: none is proved" in " ".join(result.stdout.split())


def test_a_case_that_failed_in_b_fails_the_gate(here: Path) -> None:
    a, _ = runs_of(here / ".daskbench", [0.1, 0.1], [0.1, 0.1])
    events = [*launched(0, 0.1), CaseFailed(1, "at the start", "no port")]
    make_run(here / ".daskbench", events, a.plan, run_id="20260103-c")
    assert invoke("compare", a.run_id, "latest").exit_code == 0
    result = invoke("compare", a.run_id, "latest", "--fail-if", "slower:10%")
    assert result.exit_code == ExitCode.CASE_FAILED
    assert "failed in B: at the start: no port" in " ".join(result.stdout.split())


def test_the_margin_is_asked_for(pair: tuple[Run, Run]) -> None:
    result = invoke("compare", "latest~1", "latest", "--margin", "150%", "--format", "plain")
    assert "2 equivalent within 150 %" in result.stdout


def test_files_are_written_beside_the_table(pair: tuple[Run, Run]) -> None:
    names = ["--csv", "c.csv", "--json", "c.json", "--markdown", "c.md"]
    result = invoke("compare", "latest~1", "latest", "--fail-if", "slower:5%", *names)
    assert result.exit_code == ExitCode.REGRESSION
    assert Path("c.md").read_text().startswith("**regression**: ")
    rows = list(csv.DictReader(io.StringIO(Path("c.csv").read_text())))
    assert [row["gate"] for row in rows] == ["regression", "ok"]
    assert Path("c.json").read_text().startswith("{")
    again = invoke("compare", "latest~1", "latest", *names)
    assert "exists; use --force to overwrite it" in again.stderr


def test_what_goes_to_stdout_by_name_goes_there_alone(pair: tuple[Run, Run]) -> None:
    result = invoke("compare", "latest~1", "latest", "--csv", "-")
    assert result.stdout.startswith("benchmark,scheduler,")


def test_a_run_of_two_sides_is_compared_with_itself(here: Path) -> None:
    sided(here / ".daskbench", [0.1], [0.2])
    assert invoke("compare", "latest").exit_code == 0
    assert invoke("compare", "latest", "--fail-if", "slower:5%").exit_code == 3


def test_journals_are_named_by_their_paths_too(here: Path) -> None:
    a, b = runs_of(here / "elsewhere", [0.1], [0.1])
    assert invoke("compare", str(a.path), str(b.path)).exit_code == 0


# run --against


def test_a_new_run_is_compared_with_another(lanes: FakeLanes) -> None:
    assert invoke("run").exit_code == 0
    same = invoke("run", "--against", "latest", "--fail-if", "slower:5%")
    assert same.exit_code == 0, same.output
    assert "ok: the case is proved not to be slower by more than 5 %" in same.stdout
    lanes.seconds = {"threads-2": 1.0}
    slower = invoke("run", "--against", "latest~1", "--fail-if", "slower:5%")
    assert slower.exit_code == ExitCode.REGRESSION
    assert "2.00 [2.00, 2.00]" in slower.stdout
    assert invoke("run", "--against", "latest~1").exit_code == 0


def test_a_summary_begins_with_the_comparison(lanes: FakeLanes) -> None:
    invoke("run")
    invoke("run", "--against", "latest", "--fail-if", "slower:5%", "--markdown", "summary.md")
    text = Path("summary.md").read_text()
    assert text.startswith("**ok**: ")
    assert "| scheduler × workers |" in text


def test_a_single_launch_is_told_before_it_is_measured(lanes: FakeLanes) -> None:
    invoke("run", "--launches", "1")
    result = invoke("run", "--against", "latest", "--fail-if", "slower:5%", "--launches", "1")
    assert result.exit_code == ExitCode.INCONCLUSIVE
    assert "at least 5 launches" in result.stderr
    fine = ["--fail-if", "slower:5%", "--inconclusive-ok", "--launches", "1"]
    assert invoke("run", "--against", "latest", *fine).exit_code == 0


def test_a_case_that_fails_in_the_new_run_fails_it(lanes: FakeLanes) -> None:
    invoke("run")
    lanes.answers = {"threads-2": failing("broken", at_sample=1)}
    result = invoke("run", "--against", "latest", "--fail-if", "slower:5%")
    assert result.exit_code == ExitCode.CASE_FAILED, result.output


def test_what_cannot_be_compared_is_not_measured(lanes: FakeLanes, here: Path) -> None:
    assert "no runs in" in invoke("run", "--against", "latest").stderr
    assert "need --against" in invoke("run", "--fail-if", "slower:5%").stderr
    runs_of(here / ".daskbench", [0.1], [0.1])
    result = invoke("run", "--against", "latest")
    assert result.exit_code == ExitCode.USAGE
    assert "--against 20260102-b: it has no case in common" in result.stderr
    assert not lanes.all


def test_the_journal_of_the_other_run_is_left_alone(lanes: FakeLanes, here: Path) -> None:
    invoke("run")
    [path] = (here / ".daskbench").glob("*.jsonl")
    before = path.read_bytes()
    invoke("run", "--against", "latest")
    assert path.read_bytes() == before
    assert read_run(path).status == "complete"
