"""Every command on the pages runs, or where it measures, is planned by ``--dry-run``.

They run in a folder that has what the pages speak of: examples, interpreters, and recorded runs.
"""

import lzma
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from daskbench import asking
from daskbench.cli import COMMANDS, main
from tests.unit.test_documentation import MANUAL, options_of, words_of

from . import chromium

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
#: Commands as they stand on the pages, in a job or a container too.
_LINE = re.compile(
    r"^ {4}(?:\$ )?(?:srun .*? |docker run .*? )?(?:daskbench|apptainer run \S+\.sif) (\S.*)$",
    re.MULTILINE,
)
#: Those that need more than a folder can have: how the others are told apart is their first words.
ELSEWHERE = {
    "--address": "an existing cluster: tests/real/test_cluster.py",
    "--scheduler-file": "the same",
    "--against": "an earlier run of the same suite: tests/real/test_compare.py",
    "resume": "a run that was stopped: tests/real/test_signals.py",
}
#: Pages whose run a line speaks of, where that is not the latest.
SPEAKS_OF = {
    "compare latest": "docs/how-to/compare-two-releases.md",
    "compare latest~1 latest": "docs/how-to/compare-runs.md",
    "compare latest~1 latest --fail-if slower:20%": "docs/how-to/compare-runs.md",
    "compare latest:numpy latest:threads-2": "README.md",
    "show --columns median_s,min_s": "README.md",
    "show --columns mean_s,error,flops_per_s,dgemm_share": "docs/reference/svd.md",
    "show --columns error_1,error_2,error_3,error_4,error_5": "docs/reference/svd-compressed.md",
    "export latest --timeline timeline.csv --events events.csv": "docs/reference/memory.md",
}
_RUN = re.compile(r"\b\d{8}-\d{6}-[a-z-]+-[0-9a-f]{4}\b")


def commands() -> Iterator[str]:
    """The commands of all pages, each once, without comments."""
    seen = set()
    for line in _LINE.findall(MANUAL):
        for words in words_of(f"daskbench {line}"):
            text = " ".join(_quoted(word) for word in words[1:])
            if words[0] == "daskbench" and words[1] in COMMANDS and text not in seen:
                seen.add(text)
                yield text


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word else word


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which the pages' commands are at home; helpers that were asked stay."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "examples" / "pipeline.py", folder)
    shutil.copy(ROOT / "benchmarks.toml", folder)
    (folder / "other.toml").write_text("[suites.nightly]\nbenchmark = 'calc_mean'\n")
    (folder / "script.py").write_text("import dask\n\nprint(dask.delayed(sum)([1, 2]).compute())\n")
    (folder / "own_client.py").write_text("from distributed import Client\n\nclient = Client()\n")
    (folder / "site.py").write_text(
        "def start(n_workers):\n"
        "    from distributed import LocalCluster\n\n"
        "    return LocalCluster(n_workers=n_workers)\n"
    )
    for name in ("old", "new", "other"):
        python = folder / name / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
    (folder / "kept").mkdir()
    for age, path in enumerate(sorted((ROOT / "docs" / "journals").glob("*.jsonl.xz"))):
        journal = folder / "kept" / path.name.removesuffix(".xz")
        journal.write_bytes(lzma.decompress(path.read_bytes()))
        os.utime(journal, (age, age))  # the latest is the one that was written to last
    yield folder
    asking.end()


@pytest.fixture
def home(template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder as the working folder, with the kept runs as its store."""
    shutil.copytree(template / "kept", template / ".daskbench", dirs_exist_ok=True)
    monkeypatch.chdir(template)
    return template


#: What a command about a cluster is told where that cluster isn't.
_LACKING = ("slurm can't be asked here", "has no interface 'ib0'", "no module dask_kubernetes")


def prepared(text: str, home: Path) -> list[str]:
    """The words of a command that plans instead of measuring, and overwrites what others wrote."""
    if page := SPEAKS_OF.get(text):
        run = _RUN.findall((ROOT / page).read_text("utf-8"))[-1]
        for path in (home / ".daskbench").glob("*.jsonl"):
            if path.stem > run:
                path.unlink()
    ((_, *words),) = words_of(f"daskbench {text}")
    words = ["latest" if word == "RUN" else word for word in words]
    ours = words.index("--") if "--" in words else len(words)
    options = options_of(words[0])
    asked = [option for option in ("--dry-run", "--force") if option in options]
    if {"list", "--help"} & {*words[:ours]}:
        asked = []
    return [*words[:ours], *(o for o in asked if o not in words), *words[ours:]]


@pytest.mark.parametrize("text", [*commands()])
def test_commands_on_the_pages_run(text: str, home: Path) -> None:
    for word, why in ELSEWHERE.items():
        if word in text.split():
            pytest.skip(why)
    if "--png" in text.split() and chromium.program() is None:
        pytest.skip("needs Chromium (make system-packages)")
    result = CliRunner().invoke(main, prepared(text, home))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    # A machine has its problems; a gate may be inconclusive; the others are refused on purpose.
    fine = {"doctor": {0, 1}, "compare": {0, 4}, "own_client.py": {2}, "5000x50": {2}}
    codes = next((codes for word, codes in fine.items() if word in text.split()), {0})
    if result.exit_code == 2 and any(lack in result.output for lack in _LACKING):
        pytest.skip("needs a cluster that is not here: refused before anything is started")
    assert result.exit_code in codes, result.output


def test_each_exception_is_needed() -> None:
    shown = [*commands()]
    assert {*SPEAKS_OF} <= {*shown}
    assert all(any(word in text.split() for text in shown) for word in ELSEWHERE)


def test_every_command_is_shown() -> None:
    assert {text.split()[0] for text in commands()} == {*COMMANDS}
    assert isinstance(main, click.Group)
