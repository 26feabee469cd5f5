"""The fixture for pytest, in a project of its own."""

import re
from pathlib import Path
from typing import Any

import pytest

from daskbench.api.checking import Check, name_of_test
from daskbench.errors import UsageError
from daskbench.journal.read import read_run
from tests.unit.fakes import FakeLanes, failing

pytest_plugins = ["pytester"]

#: Registered by its module, as an older installation may lack its entry point.
PLUGIN = ("-p", "no:daskbench", "-p", "daskbench.pytest_plugin", "-p", "no:cacheprovider")
FEW: dict[str, Any] = {"schedulers": "threads", "workers": 2, "n": 1000, "tasks": 100}
GATED: dict[str, Any] = {**FEW, "fail_if": "slower:10%", "against": "latest"}


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return Check(tmp_path / "store", "test-x")


def test_a_project_without_benchmarks_imports_nothing_of_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert "daskbench.api" not in sys.modules
            assert "numpy" not in sys.modules
        """
    )
    done = pytester.runpytest_subprocess(*PLUGIN, "-W", "error")
    done.assert_outcomes(passed=1)


def test_the_fixture_keeps_runs_in_the_root_folder(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_x(daskbench, request):
            assert daskbench.store == request.config.rootpath / ".daskbench"
            assert daskbench.name.endswith("py-test_x")
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_the_journal_has_the_test_to_run_again(tmp_path: Path, lanes: FakeLanes) -> None:
    check = Check.of_test(tmp_path / "store", "tests/test_a.py::test_x[a b]")
    found = check("calc_mean", rounds=2, **FEW)
    assert found.run_id.split("-", 2)[2].startswith("tests-test_a-py-test_x-a-b-")
    call = read_run(found.path).header.call
    assert call == "python -m pytest 'tests/test_a.py::test_x[a b]'"


def test_runs_are_kept_under_the_name_of_the_test(check: Check, lanes: FakeLanes) -> None:
    found = check("calc_mean", rounds=2, **FEW)
    assert re.fullmatch(r"[0-9]+-[0-9]+-test-x-[0-9a-f]+", found.run_id)
    assert found.path.parent == check.store


def test_the_first_run_passes_and_the_gate_judges_the_next(check: Check, lanes: FakeLanes) -> None:
    first = check("calc_mean", **GATED)
    assert len(first.samples()) == 40  # 10 launches of 3 rounds and a warm-up
    check("calc_mean", **GATED)
    lanes.seconds = {"threads-2": 1.0}
    with pytest.raises(AssertionError) as error:
        check("calc_mean", **GATED)
    sentence = "the case is proved to be slower by more than 10 %: threads × 2 (2 times A)"
    message = str(error.value)
    assert message.startswith(f"regression: {sentence}")
    assert "daskbench ab --config-a KEY=VALUE --config-b KEY=VALUE --benchmark calc_mean" in message
    assert "--explain" not in message


def test_a_named_run_is_compared_with(check: Check, lanes: FakeLanes) -> None:
    first = check("calc_mean", **GATED)
    lanes.seconds = {"threads-2": 1.0}
    for against in (first, first.run_id, first.path):
        with pytest.raises(AssertionError, match="regression"):
            check("calc_mean", **{**GATED, "against": against})
    with pytest.raises(UsageError, match="no run 'none'"):
        check("calc_mean", **{**GATED, "against": "none"})


def test_an_inconclusive_result_fails_unless_told(check: Check, lanes: FakeLanes) -> None:
    few = {**GATED, "rounds": 2}
    check("calc_mean", **few)
    with pytest.raises(AssertionError, match="inconclusive"):
        check("calc_mean", **few)
    check("calc_mean", inconclusive_ok=True, **few)


def test_a_failed_row_fails_the_test(check: Check, lanes: FakeLanes) -> None:
    lanes.answers = {"threads-2": failing("MemoryError: no message")}
    with pytest.raises(AssertionError, match="threads × 2: at the start: MemoryError") as error:
        check("calc_mean", rounds=2, **FEW)
    assert "explain" not in str(error.value)


def test_a_gate_needs_an_earlier_run(check: Check) -> None:
    with pytest.raises(UsageError, match="fail_if needs an earlier run"):
        check("calc_mean", fail_if="slower:10%")
    with pytest.raises(UsageError, match="is no gate"):
        check("calc_mean", fail_if="10%", against="latest")


def test_names_of_tests() -> None:
    assert name_of_test("tests/test_a.py::TestX::test_y[a-1]") == "tests-test_a-py-TestX-test_y-a-1"
    assert len(name_of_test("x" * 500)) == 80
