"""Where stdout and stderr are closed, full or gone: no file is lost, and no traceback shown."""

import sys
from pathlib import Path

import pytest

from .tool import TINY, Done, Tool, small_disk

pytestmark = pytest.mark.real

#: What may become of the standard streams, whether stdout is lost to it, and a broken pipe is not.
KINDS = {
    ">/dev/full": True,
    ">&-": True,
    ">&- 2>&- <&-": True,
    "| sleep 0": False,
    "| head -c 1": False,
}
COMMANDS = ("show", "export --json -")
#: Those that write nothing else than the ones above do.
MORE_COMMANDS = ("--help", "list", "run --dry-run a")
SUITE = '[suites.a]\nbenchmark = "calc_mean"\nschedulers = "numpy"\n'


def shell(tool: Tool, line: str) -> Done:
    """Run a line of a shell; its code is that of daskbench, before a pipe too."""
    python = Path(sys.executable).parent
    line = f"export PATH={python}:$PATH; daskbench {line}; exit ${{PIPESTATUS[0]}}"
    return tool.run(command=("bash", "-c", line), environment={"PYTHONUNBUFFERED": "1"})


@pytest.fixture
def measured(tool: Tool) -> Tool:
    """The tool where a run is kept, measured with a stdout that was full."""
    (tool.folder / "benchmarks.toml").write_text(SUITE)
    numpy = f"schedulers {' '.join(TINY)} --schedulers numpy --rounds 3"
    done = shell(tool, f"{numpy} --csv o.csv --json o.json >/dev/full")
    assert done.code == 0, done.err
    (error,) = done.complaints
    assert error.startswith("Error: cannot write to stdout: No space left on device; the run is")
    assert len(tool.measured()) == 3
    for name in ("o.csv", "o.json"):
        assert (tool.folder / name).read_text().endswith("\n")
    return tool


def test_every_command_with_every_stdout(measured: Tool) -> None:
    for kind, lost in KINDS.items():
        for command in COMMANDS + (MORE_COMMANDS if kind == ">/dev/full" else ()):
            done = shell(measured, f"{command} {kind}")
            assert done.code == (2 if lost else 0), (command, kind, done.err)
            assert "Traceback" not in done.err
            told = lost and "2>" not in kind
            assert len(done.complaints) == told, (command, kind, done.err)
        export = shell(measured, f"export --csv e.csv --markdown - --force {kind}")
        assert (measured.folder / "e.csv").stat().st_size > 100, (kind, export.err)
        (measured.folder / "e.csv").unlink()


def test_a_full_disk_is_told_and_the_other_files_are_written(measured: Tool) -> None:
    with small_disk(measured.folder / "disk", 4096) as disk:
        (disk / "kept").write_text("mine")
        done = shell(measured, "export --json disk/a.json --csv b.csv --markdown c.md")
        assert done.code == 2
        assert done.complaints == ["Error: cannot write disk/a.json: No space left on device"]
        assert [path.name for path in disk.iterdir()] == ["kept"]
        assert (measured.folder / "b.csv").exists()
        assert (measured.folder / "c.md").exists()
        (disk / "kept").unlink()
        short = shell(measured, "export --json - > disk/a.json")
        assert short.code == 2
        assert "cannot write to stdout: No space left on device" in short.err
    numpy = f"schedulers {' '.join(TINY)} --schedulers numpy --rounds 3 --json -"
    again = shell(measured, f"{numpy} --csv d.csv >/dev/full")
    assert again.code == 2, again.err
    assert (measured.folder / "d.csv").exists()


def test_an_ascii_locale_changes_nothing_in_files(measured: Tool) -> None:
    locale = "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0"
    for command in ("show", "show --format csv", "export --json -"):
        usual = shell(measured, command)
        done = shell(measured, f"--version; {locale} daskbench {command}")
        assert "Error" not in done.err, (command, done.err)
        assert usual.out in done.out


def test_an_encoding_that_is_asked_for_is_that_of_text_for_readers(measured: Tool) -> None:
    for command in ("show", "show --format plain"):
        done = shell(measured, f"--version; PYTHONIOENCODING=ascii daskbench {command}")
        assert done.out.isascii()
        assert "+/-" in done.out
    usual = shell(measured, "export --json -")
    data = shell(measured, "--version; PYTHONIOENCODING=ascii daskbench export --json -")
    assert usual.out in data.out
