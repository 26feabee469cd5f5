"""The magics ``%daskbench`` and ``%%daskbench`` of IPython and Jupyter."""

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import click

from daskbench.api.again import magic_of
from daskbench.api.measure import measure
from daskbench.api.result import Bench
from daskbench.cli import options
from daskbench.cli.commands.bench import KEYS
from daskbench.cli.options import RunOptions
from daskbench.errors import DaskbenchError, UsageError
from daskbench.harmless import line as harmless_line

#: Prefix of what a name was before the cell that assigns it.
_BEFORE = "_before_"
_WORD = re.compile(r"""((?:"[^"]*"|'[^']*'|\S)+)\s*""")
_FILE = "<%%daskbench>"


@click.command("%%daskbench")
@options.key_options(KEYS)
@options.store_option
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=0, help="Random seed.")
@click.option("--no-progress", is_flag=True, help="Show no progress.")
@click.option(
    "--force",
    is_flag=True,
    help="Run cases that do not fit in memory, and send data of any size to the lanes.",
)
def command(**values: Any) -> tuple[dict[str, Any], RunOptions]:
    """Measure the last expression of this cell on Dask's schedulers.

    The whole cell runs for each sample. What it uses of the notebook is sent to the processes that
    are measured. %daskbench takes an expression after its options.
    """
    ours = ("store", "seed", "no_progress", "force")
    store, seed, no_progress, force = (values.pop(name) for name in ours)
    run_options = RunOptions(store, seed=seed, force=force, progress=not no_progress)
    return options.given(values), run_options


def register(shell: Any) -> None:
    """Add the magics to a shell."""
    from IPython.core.magic import no_var_expand  # braces belong to the expression

    def daskbench(line: str, cell: str | None = None) -> Bench | None:
        """Measure an expression, or the last one of a cell: see ``%daskbench --help``."""
        return run(shell, line, cell)

    shell.register_magic_function(no_var_expand(daskbench), "line_cell", "daskbench")


def run(shell: Any, line: str, cell: str | None) -> Bench | None:
    """Measure what a magic asks for. Raises IPython's UsageError, which is shown in one line."""
    from IPython.core.error import UsageError as ShownError

    try:
        words, source = (shlex.split(line), cell) if cell is not None else split(line)
        parsed = parse(words)
        if parsed is None:
            return None
        given, run_options = parsed
        call = magic_of(line, is_cell=cell is not None)
        return measure(work_of(shell, source), given, run_options, call=call)
    except click.ClickException as error:
        raise ShownError(harmless_line(error.format_message())) from None
    except (DaskbenchError, ValueError) as error:  # such as a quotation without an end
        raise ShownError(harmless_line(error)) from None


def parse(words: list[str]) -> tuple[Mapping[str, Any], RunOptions] | None:
    """Return the given options, parsed as on the command line; None if only help was asked for."""
    try:
        with command.make_context("%%daskbench", words) as context:
            found: tuple[Mapping[str, Any], RunOptions] = command.invoke(context)
    except click.exceptions.Exit:
        return None
    return found


def split(line: str) -> tuple[list[str], str]:
    """Split a line into the words of its options and the expression after them."""
    flags = {name for one in command.params if getattr(one, "is_flag", False) for name in one.opts}
    flags |= {name for one in command.params for name in one.secondary_opts} | {"--help"}
    words: list[str] = []
    rest = line.strip()
    while rest.startswith("--") and (found := _WORD.match(rest)):
        (word,), rest = shlex.split(found[1]), rest[found.end() :]
        words.append(word)
        if "=" not in word and word not in flags and (value := _WORD.match(rest)):
            words += shlex.split(value[1])
            rest = rest[value.end() :]
    return words, rest


def work_of(shell: Any, source: str) -> Any:
    """Return a function of the code of a cell, which returns the value of its last expression."""
    try:
        body = ast.parse(shell.transform_cell(source), _FILE).body
        if not body or not isinstance(last := body[-1], ast.Expr):
            raise UsageError("nothing to measure: the last line must be an expression")
        before = [name for name in _read_first(body) if name in shell.user_ns]
        module = ast.parse("".join(["def cell():\n", *map(_restored, before), " pass"]), _FILE)
        (function,) = module.body
        assert isinstance(function, ast.FunctionDef)
        function.body += [*body[:-1], ast.copy_location(ast.Return(last.value), last)]
        code = compile(module, _FILE, "exec")
    except SyntaxError as error:
        raise UsageError(f"line {error.lineno} is not Python: {error.msg}") from error
    namespace = {**shell.user_ns, **{_BEFORE + name: shell.user_ns[name] for name in before}}
    exec(code, namespace)
    return namespace["cell"]


def _restored(name: str) -> str:
    return f" {name} = {_BEFORE}{name}\n"


def _read_first(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that a cell assigns after it has read what the notebook has."""
    order = _Order()
    for statement in body:
        order.visit(statement)
    yield from (name for name, context in order.first.items() if context and name in order.assigned)


class _Order(ast.NodeVisitor):
    """Names in the order in which they are evaluated: whether each is read first."""

    def __init__(self) -> None:
        self.first: dict[str, bool] = {}
        self.assigned: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        is_read = isinstance(node.ctx, ast.Load)
        self.first.setdefault(node.id, is_read)
        if not is_read:
            self.assigned.add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.first.setdefault(node.target.id, True)
        self.visit(node.value)
        self.visit(node.target)

    def visit_Assign(self, node: ast.Assign) -> None:
        for part in (node.value, *node.targets):
            self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        for part in filter(None, (node.value, node.target)):
            self.visit(part)

    def visit_For(self, node: ast.For) -> None:
        for part in (node.iter, node.target, *node.body, *node.orelse):
            self.visit(part)
