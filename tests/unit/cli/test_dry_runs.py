"""Dry runs."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from tests.unit.builders import (
    timed,
)
from tests.unit.cli.asking_cli import FEW, SVD, stored, told


def test_a_dry_run_shows_the_plan_and_measures_nothing(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["schedulers", *FEW, "--dry-run"])
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == "schedulers: 2 cases × 3 rounds"
    assert len(lines) == 2
    assert all(line.endswith("4 samples, not measured yet") for line in lines)
    assert not (here / ".daskbench").exists()


def test_a_dry_run_estimates_from_earlier_runs(runner: CliRunner, here: Path) -> None:
    stored(here, timed(0, [2.0, 2.0]))
    result = runner.invoke(main, ["schedulers", *FEW, "--dry-run"])
    _, numpy, threads, total = result.stdout.splitlines()
    assert numpy.endswith("4 samples, about 8 s")
    assert threads.endswith("4 samples, not measured yet")
    assert total == "about 8 s in all, not counting 1 case not measured yet"


@pytest.mark.parametrize(
    ("options", "head", "samples"),
    [
        (("--launches", "5"), "2 cases × 5 launches × 3 rounds", "20 samples"),
        (("--launches", "5", "--warmup", "0"), "2 cases × 5 launches × 3 rounds", "15 samples"),
        (
            ("--precision", "2%"),
            "2 cases × 3 rounds or more for a precision of 2%, at most 5min",
            "at least 16 samples",
        ),
        (
            ("--precision", "0.5%", "--launches", "2", "--budget", "1m"),
            "2 cases × 2 launches × 3 rounds or more for a precision of 0.5%, at most 1min",
            "at least 20 samples",
        ),
    ],
)
def test_a_dry_run_counts_launches_and_what_a_precision_needs_at_least(
    runner: CliRunner, here: Path, options: tuple[str, ...], head: str, samples: str
) -> None:
    stored(here, timed(0, [2.0, 2.0]))
    result = runner.invoke(main, ["schedulers", *FEW, *options, "--dry-run"])
    first, numpy, _, total = result.stdout.splitlines()
    assert first == f"schedulers: {head}"
    assert f": {samples}, about " in numpy
    assert total.startswith("about ")


@pytest.mark.parametrize(
    ("options", "rounds"),
    [
        (("--method", "tsqr"), "10 rounds"),
        (("--method", "tsqr,gram,cholesky-qr2"), "4 rounds or more, until all rows are decided"),
        (("--method", "tsqr,gram"), "5 rounds or more, until all rows are decided"),
        (("--chunks", "100x10,50x10"), "5 rounds or more, until all rows are decided"),
        (("--shape", "200x10,300x10"), "10 rounds"),
    ],
)
def test_rounds_go_on_where_every_row_has_another_to_be_compared_with(
    runner: CliRunner, here: Path, options: tuple[str, ...], rounds: str
) -> None:
    small = ["--shape", "200x10", "--workers", "1", "--hardware", "off", *options]
    result = runner.invoke(main, ["svd", *small, "--dry-run"])
    assert result.exit_code == 0, result.output
    assert f" × {rounds}" in result.stdout.splitlines()[0]


def test_a_dry_run_shows_every_suite_of_the_file(runner: CliRunner, here: Path) -> None:
    (here / "benchmarks.toml").write_text(
        "[suites.one]\nbenchmark = 'calc_mean'\nschedulers = 'numpy'\n"
        "[suites.two]\nbenchmark = 'calc_mean'\nn = [10, 20]\nschedulers = 'numpy'\n"
    )
    result = runner.invoke(main, ["run", "--dry-run", "--rounds", "9"])
    heads = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert heads == ["one: 1 case × 9 rounds", "two: 2 cases × 9 rounds"]


def test_without_a_file_the_suites_that_ship_are_run(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["run", "lesson", "--dry-run"])
    assert "lesson-schedulers: 14 cases × 7 rounds" in result.stdout


def test_a_dry_run_tells_what_each_case_will_hold(runner: CliRunner, here: Path) -> None:
    arguments = [*SVD, "--schedulers", "numpy,distributed", "--method", "tsqr,gram"]
    result = runner.invoke(main, [*arguments, "--rounds", "10", "--dry-run"])
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == "svd: 3 cases × 10 rounds"
    cases, forecasts = lines[::2], lines[1::2]
    assert all(line.endswith("11 samples, not measured yet") for line in cases)
    assert [line.split(",")[0] for line in forecasts] == [
        "    X is 15.6 KiB",
        *["    X is 15.6 KiB in chunks of 15.6 KiB"] * 2,
    ]
    assert all(line.endswith(": fits") for line in forecasts)
    assert not (here / ".daskbench").exists()


def test_a_dry_run_tells_what_would_be_skipped(runner: CliRunner, here: Path) -> None:
    arguments = [*SVD, "--memory-limit", "100MiB,1GiB", "--dry-run"]
    _, skipped, case, forecast, *_ = runner.invoke(main, arguments).stdout.splitlines()
    assert "of 100 MiB: skipped: a worker of 100 MiB cannot hold one task per thread" in skipped
    assert case.endswith("of 1 GiB: at least 6 samples, not measured yet")
    assert forecast.endswith("of 1 GiB per worker: fits")
    forced = runner.invoke(main, [*arguments, "--force"]).stdout
    assert "skipped" not in forced
    assert "cannot hold one task" in forced


def test_a_dry_run_with_a_skipped_case_estimates_nothing(runner: CliRunner, here: Path) -> None:
    arguments = [*SVD, "--memory-limit", "100MiB,1GiB", "--dry-run"]
    assert "in all" not in runner.invoke(main, arguments).stdout


def test_a_dry_run_tells_what_is_opened_in_turns(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daskbench.environment.memory_bytes", lambda: 2 << 30)
    arguments = ["svd", "--shape", "1e6x100", "--workers", "1,2", "--input", "persist"]
    result = runner.invoke(main, [*arguments, "--hardware", "off", "--force", "--dry-run"])
    assert "  lanes run one at a time: together they would hold" in result.stdout


@pytest.mark.parametrize("option", ["-k", "--k"])
def test_a_parameter_of_one_letter_has_a_short_option_and_a_long_one(
    runner: CliRunner, here: Path, option: str
) -> None:
    arguments = ["svd-compressed", "--shape", "200x10", option, "3,4", "--hardware", "off"]
    result = runner.invoke(main, [*arguments, "--workers", "1", "--dry-run"])
    assert result.exit_code == 0, result.stderr
    assert "svd-compressed: 2 cases" in result.stdout
    assert [f" k={k} " in result.stdout for k in (3, 4, 5)] == [True, True, False]


def test_parameters_of_several_words_are_options_with_dashes(runner: CliRunner, here: Path) -> None:
    arguments = ["svd-compressed", "--power-iterations", "0,2", "--workers", "1", "--dry-run"]
    result = runner.invoke(main, [*arguments, "--hardware", "off"])
    assert [f" power_iterations={n} " in result.stdout for n in (0, 1, 2)] == [True, False, True]
    wrong = [argument.replace("power-i", "power_i") for argument in arguments]
    assert "No such option" in told(runner.invoke(main, wrong))
