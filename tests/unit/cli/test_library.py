"""``daskbench bench list``, and what happens where a benchmark's packages are missing."""

from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from daskbench.benchmarks import BENCHMARKS, extras
from daskbench.cli import main


def test_all_benchmarks_are_listed(runner: CliRunner) -> None:
    done = runner.invoke(main, ["bench", "list"])
    assert done.exit_code == 0
    for name in BENCHMARKS:
        assert f"\n  {name} " in done.stdout
    assert "array:\n" in done.stdout
    assert "rows: S " in done.stdout
    assert ("not installed" in done.stdout) is (find_spec("xarray") is None)
    assert max(map(len, done.stdout.splitlines())) <= 110


def test_missing_packages_are_listed(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "xarray" else name)
    done = runner.invoke(main, ["bench", "list"])
    assert done.exit_code == 0
    missing = "not installed: climatology needs xarray: pip install 'daskbench[xarray]'"
    assert done.stdout.count("not installed") == 1
    assert missing in done.stdout


def test_a_list_takes_no_arguments(runner: CliRunner) -> None:
    done = runner.invoke(main, ["bench", "list", "--workers", "2"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "bench list takes no arguments, but got --workers" in done.stderr


@pytest.mark.usefixtures("here")
def test_without_its_package_a_benchmark_ends_at_once(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "xarray" else name)
    done = runner.invoke(main, ["bench", "climatology"])
    assert done.exit_code == 2
    assert "climatology needs xarray: pip install 'daskbench[xarray]'" in done.stderr


@pytest.mark.usefixtures("here")
def test_a_sweep_of_sizes_has_the_shapes_of_each(runner: CliRunner) -> None:
    arguments = ["--size", "S,M", "--schedulers", "threads", "--workers", "1"]
    done = runner.invoke(main, ["bench", "array_sum", *arguments, "--dry-run"])
    assert done.exit_code == 0
    assert "size=S shape=" in done.stdout
    assert "size=M shape=" in done.stdout
