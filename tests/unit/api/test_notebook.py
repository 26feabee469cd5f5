"""The magics, in a shell without a kernel."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from daskbench import notebook
from daskbench.cli.options import RunOptions
from daskbench.errors import UsageError

core = pytest.importorskip("IPython.core.interactiveshell")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))  # needs no home then
        patch.setattr(core.InteractiveShell, "enable_gui", lambda *_: None)
        made = core.InteractiveShell(history_manager=None)
        made.user_ns.update(base=10, data=[1, 2, 3])
        yield made
        made.history_manager = None
        made.restore_sys_module_state()


def value_of(shell: Any, source: str) -> Any:
    return notebook.work_of(shell, source)()


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("base + 1", 11),
        ("x = 5\nx + base", 15),
        ("x = 5  # a comment\n\n(x\n + base)\n", 15),
        ("base = base + 1\nbase", 11),
        ("base += 1\nbase", 11),
        ("data = [n for n in data if n > 1]\nlen(data)", 2),
        ("for base in data:\n    pass\nbase", 3),
        ("def double(n):\n    return 2 * n * base\ndouble(2)", 40),
        ("import math\nmath.floor(base / 3)", 3),
        ("total: int = base\ntotal", 10),
    ],
)
def test_the_last_expression_is_the_work(shell: Any, source: str, value: int) -> None:
    before = dict(shell.user_ns)
    work = notebook.work_of(shell, source)
    assert [work(), work()] == [value, value]
    assert dict(shell.user_ns) == before


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "the last line must be an expression"),
        ("x = 5", "the last line must be an expression"),
        ("x = 5\nx +", "line 2 is not Python: invalid syntax"),
    ],
)
def test_a_cell_without_one_is_refused(shell: Any, source: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        notebook.work_of(shell, source)


@pytest.mark.parametrize(
    ("line", "words", "expression"),
    [
        ("x.sum()", [], "x.sum()"),
        ("--workers 1,2 x.sum()", ["--workers", "1,2"], "x.sum()"),
        ("--workers=1,2 --memory -x", ["--workers=1,2", "--memory"], "-x"),
        ("--no-progress {'a': x}['a']", ["--no-progress"], "{'a': x}['a']"),
        ("--store 'a b' f('a  b')", ["--store", "a b"], "f('a  b')"),
        ("--help", ["--help"], ""),
    ],
)
def test_a_line_is_options_and_an_expression(line: str, words: list[str], expression: str) -> None:
    assert notebook.split(line) == (words, expression)


def test_options_are_those_of_the_command() -> None:
    parsed = notebook.parse(["--schedulers", "threads", "--workers", "1,2", "--store", "s"])
    assert parsed
    given, run_options = parsed
    assert given == {"schedulers": ("threads",), "workers": (1, 2)}
    assert run_options == RunOptions(Path("s"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--schedulers thread x", "no 'thread': did you mean 'threads'?"),
        ("--shedulers threads x", "No such option"),
        ("--workers 'x", "No closing quotation"),
        ("", "the last line must be an expression"),
    ],
)
def test_what_is_wrong_is_one_line(shell: Any, line: str, said: str) -> None:
    from IPython.core.error import UsageError as ShownError

    with pytest.raises(ShownError) as error:
        notebook.run(shell, line, None)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_magic_measures(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, Mapping[str, Any]]] = []
    calls: list[str] = []

    def measure(work: Any, given: Mapping[str, Any], _: RunOptions, call: str) -> None:
        asked.append((work(), given))
        calls.append(call)

    monkeypatch.setattr(notebook, "measure", measure)
    notebook.register(shell)
    shell.run_line_magic("daskbench", "--rounds 3 {'a': base}['a']")
    shell.run_cell_magic("daskbench", "--rounds 3", "y = base\ny * 2")
    assert asked == [(10, {"rounds": 3}), (20, {"rounds": 3})]
    assert calls == ["%daskbench --rounds 3 {'a': base}['a']", "%%daskbench --rounds 3"]


def test_help_describes_every_option() -> None:
    shown = CliRunner().invoke(notebook.command, ["--help"]).stdout
    assert "--schedulers" in shown
    assert all(one.help for one in notebook.command.params if isinstance(one, click.Option))
