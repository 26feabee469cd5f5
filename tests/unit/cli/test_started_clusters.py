"""Commands on clusters that lanes would start."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from tests.unit.cli.asking_cli import told

WHERE = ("--schedulers", "distributed", "--workers", "2")


@pytest.fixture
def sbatch(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of that name, which is only asked whether it would take jobs."""
    (here / "sbatch").write_text('#!/bin/sh\n[ "$*" = --test-only ] || touch called\n')
    (here / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(here), prepend=":")


@pytest.mark.skipif(not find_spec("dask_jobqueue"), reason="needs dask-jobqueue")
@pytest.mark.usefixtures("sbatch")
def test_a_dry_run_shows_the_script_of_jobs_and_submits_none(runner: CliRunner, here: Path) -> None:
    options = ("--cluster", "slurm", "--memory-limit", "1GiB,2GiB", "--dry-run")
    done = runner.invoke(main, ["schedulers", *WHERE, *options])
    assert done.exit_code == 0, done.output
    assert "only one cluster (slurm) is there at a time" in done.output
    for size in ("1", "2"):
        assert f"distributed × 2 of {size} GiB: each job runs" in done.output
        assert f"#SBATCH --mem={size}G" in done.output
    assert not (here / "called").exists()


@pytest.mark.skipif(not find_spec("dask_jobqueue"), reason="needs dask-jobqueue")
@pytest.mark.usefixtures("sbatch")
def test_jobs_that_can_not_be_are_told_before_anything(runner: CliRunner, here: Path) -> None:
    line = told(runner.invoke(main, ["schedulers", *WHERE, "--cluster", "slurm"]))
    assert line.startswith("Error: --cluster slurm needs the memory of a job: --memory-limit 4GiB")
    assert not (here / ".daskbench").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("limit", "it starts local clusters, whose memory limits it can choose"),
    ],
)
def test_commands_that_start_their_own_refuse_it(
    runner: CliRunner, here: Path, command: str, words: str
) -> None:
    assert words in told(runner.invoke(main, [command, "--cluster", "slurm"]))


def test_options_are_repeated_and_checked(runner: CliRunner, here: Path) -> None:
    options = ("--cluster", "local", "--cluster-option", "protocol=tls", "--cluster-option", "x")
    done = runner.invoke(main, ["schedulers", *WHERE, *options])
    assert "x: write KEY=VALUE" in done.output
    done = runner.invoke(main, ["schedulers", *WHERE, *options[:-1], "n_workers=4", "--dry-run"])
    assert "n_workers is no option: use --workers" in done.output


def test_options_that_a_local_cluster_has_not_are_told(runner: CliRunner, here: Path) -> None:
    options = ("--cluster", "local", "--cluster-option", "memori_limit=1GiB")
    line = told(runner.invoke(main, ["schedulers", *WHERE, *options]))
    assert line == (
        "Error: --cluster local: no option 'memori_limit': did you mean 'memory_limit'?"
    )
    assert not (here / ".daskbench").exists()


SITE = """
def start(n_workers=1, zone="a"):
    raise SystemError("never called")
VALUE = 3
"""


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("site.py:strat", (), "has no function or class 'strat': did you mean 'start'"),
        ("site.py:VALUE", (), "VALUE is a int, not a function or class"),
        ("site.py:start", ("zoen=b",), "site.py:start: got an unexpected keyword argument 'zoen'"),
        ("no.such.module:Class", (), "--cluster: there is no module no.such.module"),
        ("broken.py:start", (), "broken.py can't be loaded: ZeroDivisionError"),
    ],
)
def test_code_that_makes_clusters_is_looked_at_before_anything(
    runner: CliRunner, here: Path, name: str, options: tuple[str, ...], words: str
) -> None:
    (here / "site.py").write_text(SITE)
    (here / "broken.py").write_text("1 / 0")
    more = [word for option in options for word in ("--cluster-option", option)]
    line = told(runner.invoke(main, ["schedulers", *WHERE, "--cluster", name, *more]))
    assert words in line
    assert not (here / ".daskbench").exists()


def test_a_function_that_can_be_called_is_not_called(runner: CliRunner, here: Path) -> None:
    (here / "site.py").write_text(SITE)
    options = ("--cluster", "site.py:start", "--cluster-option", "zone=b", "--dry-run")
    done = runner.invoke(main, ["schedulers", *WHERE, *options])
    assert done.exit_code == 0, done.output


SECTIONS = """
[clusters.gpu]
kind = "local"
memori_limit = 1
[clusters.site]
kind = "site.py:start"
zoen = "b"
[clusters.far]
kind = "ssh"
[clusters.ours]
kind = "local"
n_workers = 2
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpu", "--cluster local ({}): no option 'memori_limit': did you mean 'memory_limit'?"),
        ("site", "--cluster ({}): site.py:start: got an unexpected keyword argument 'zoen'; its"),
        ("far", "--cluster ssh ({}) needs hosts: --cluster-option hosts=A,B, or the same in {}"),
        ("ours", "--cluster local ({}): n_workers is no option: use --workers"),
    ],
)
def test_what_is_wrong_with_a_section_is_told_with_where_it_is(
    runner: CliRunner, here: Path, name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daskbench.config.clusters.find_spec", lambda name: object())
    (here / "site.py").write_text(SITE)
    (here / "benchmarks.toml").write_text(SECTIONS)
    line = told(runner.invoke(main, ["schedulers", *WHERE, "--cluster", name]))
    section = f"[clusters.{name}] of benchmarks.toml"
    assert line.startswith(f"Error: {words.format(section, section)}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clusters = 3", "benchmarks.toml: [clusters] is not a table"),
        ('[cluster.gpu]\nkind = "local"', "no section [cluster]: did you mean 'clusters'?"),
    ],
)
def test_a_file_whose_clusters_can_not_be_found_is_told(
    runner: CliRunner, here: Path, text: str, words: str
) -> None:
    (here / "benchmarks.toml").write_text(text)
    assert words in told(runner.invoke(main, ["schedulers", *WHERE, "--cluster", "gpu"]))
