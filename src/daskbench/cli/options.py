"""Options that several commands share, generated from the keys of benchmarks.toml."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from daskbench.asking import subject
from daskbench.benchmarks import BENCHMARKS, REFERENCES, file_of
from daskbench.cli.files import FileName, Folder
from daskbench.cli.gate import Gate
from daskbench.config import KEYS, Key, check_names, option_name, parameter_key
from daskbench.errors import DaskbenchError, UsageError
from daskbench.formats import FORMATS
from daskbench.harmless import cell, line
from daskbench.journal.store import FOLDER
from daskbench.paths import check_text, usable

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]

#: The files that commands can write.
FILES = {
    "csv": "the results as CSV",
    "json": "the results as JSON",
    "markdown": "the results as Markdown",
    "timeline": "each reading of the workers' memory as CSV",
    "events": "worker events (paused, resumed, ended, ...) as CSV",
}
#: Files for other tools, written from a finished run, so only by ``export``.
INTEROP_FILES = {
    "pyperf": "the samples for pyperf's stats and compare_to",
    "pytest_benchmark": "the samples for pytest-benchmark's compare",
    "hyperfine": "the samples as hyperfine's --export-json does",
}


class KeyType(click.ParamType[Any, Any]):
    """A value parsed by its key, so that options and benchmarks.toml can't disagree."""

    def __init__(self, key: Key) -> None:
        self.key, self.name = key, key.metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the text; a UsageError becomes Click's own."""
        try:
            return self.key.read(value)
        except DaskbenchError as error:
            self.fail(str(error), param, ctx)


def key_options(keys: Mapping[str, Key] = KEYS) -> Callable[[F], F]:
    """Add an option for each key; those not given are None."""
    return _all(
        click.option(f"--{name}/--no-{name}", default=None, help=key.help)
        if key.flag
        else click.option(f"--{name}", type=KeyType(key), metavar=key.metavar, help=key.help)
        for name, key in keys.items()
    )


def parameter_options(benchmark: str) -> Callable[[F], F]:
    """Add an option for each parameter of a benchmark."""
    return _all(click.option(*strings, **more) for strings, more in _declared(benchmark))


def _declared(
    benchmark: str, defaults: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the option strings of each parameter, and Click's other arguments."""
    parameters = subject(benchmark).parameters
    check_names(benchmark, parameters)
    for name, parameter in parameters.items():
        key = parameter_key(parameter)
        default = defaults.get(option_name(name), "all" if parameter.sweep else parameter.default)
        more = {"metavar": cell(key.metavar), "help": line(f"{parameter.help} [{cell(default)}]")}
        yield _option_strings(name), {"type": KeyType(key), **more}


def _option_strings(parameter: str) -> tuple[str, ...]:
    """Return ``--shape``; or ``-k`` and ``--k`` for a parameter of one letter.

    The name comes with it, as Click would convert it to lower case.
    """
    long = f"--{option_name(parameter)}"
    return (f"-{parameter}", long, parameter) if len(parameter) == 1 else (long, parameter)


class BenchmarkCommand(click.Command):
    """A command with ``--benchmark`` and an option for each parameter of that benchmark.

    The options depend on the arguments, so these are scanned before they are parsed; ``--help``
    shows the options of the benchmark given beside it. `defaults`, by benchmark and option,
    replace a benchmark's own in the help; the command has to apply them.
    """

    _KEY = "daskbench.parameters"

    def __init__(
        self, *args: Any, defaults: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.defaults = defaults or {}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the benchmark first, then parse with its options."""
        chosen = next(parameter for parameter in self.params if parameter.name == "benchmark")
        name = whole_name(_last_value(args, "--benchmark") or str(chosen.default))
        declared = _declared(name, self.defaults.get(name, {}))
        own = [click.Option(strings, **more) for strings, more in declared]
        for option in own:
            if taken := {*option.opts} & {opt for other in self.params for opt in other.opts}:
                raise UsageError(
                    f"benchmark {name}: rename its parameter, as {', '.join(taken)} is already an "
                    "option of this command"
                )
        ctx.meta[self._KEY] = own
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options, those of the benchmark after ``--benchmark``."""
        params = super().get_params(ctx)
        after = next(i for i, parameter in enumerate(params, 1) if parameter.name == "benchmark")
        return [*params[:after], *ctx.meta.get(self._KEY, ()), *params[after:]]


def benchmark_option(default: str) -> Callable[[F], F]:
    """Add ``--benchmark``, for a `BenchmarkCommand`."""
    return click.option(
        "--benchmark",
        default=default,
        show_default=True,
        metavar="NAME",
        callback=lambda ctx, param, value: whole_name(value),
        help=f"What to compute: {', '.join(BENCHMARKS)}, or FILE.py:CLASS. Its own options are "
        "shown by --benchmark NAME --help.",
    )


def whole_name(benchmark: str) -> str:
    """Return the full name of a benchmark, valid wherever the run is read or resumed."""
    if own := file_of(check_text(benchmark)):
        return f"{usable(str(own[0])).resolve()}:{own[1]}"
    if benchmark in REFERENCES:
        raise UsageError(
            f"'{benchmark}' cannot be selected: it is measured beside other benchmarks"
        )
    return benchmark.replace("-", "_")  # commands are spelled with hyphens


def _last_value(args: list[str], option: str) -> str | None:
    """Return the last value given to an option."""
    found = None
    for word, following in itertools.zip_longest(args, args[1:]):
        if word == "--":
            break
        if word == option:
            found = following
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the user gave, by the names of their keys."""
    source = click.get_current_context().get_parameter_source
    return {
        name.replace("_", "-"): value
        for name, value in values.items()
        if source(name) is not ParameterSource.DEFAULT
    }


def store_option(function: F) -> F:
    """Add ``--store``."""
    option = click.option(
        "--store",
        type=Folder(),
        default=FOLDER,
        envvar="DASKBENCH_STORE",
        show_default=True,
        show_envvar=True,
        help="Directory of saved runs.",
    )
    return option(function)


def format_option(function: F) -> F:
    """Add ``--format``."""
    option = click.option(
        "--format",
        "view",
        type=click.Choice(list(FORMATS)),
        default="table",
        show_default=True,
        help="Format of the results on stdout.",
    )
    return option(function)


def file_options(
    described: Mapping[str, str] = FILES, forced: str = "Overwrite existing files."
) -> Callable[[F], F]:
    """Add an option for each kind of file that can be written, and ``--force``."""
    files = [
        click.option(
            f"--{option_name(name)}",
            type=FileName(),
            metavar="FILE",
            help=f"Write {what} to this file (-: to stdout).",
        )
        for name, what in described.items()
    ]
    return _all([*files, click.option("--force", is_flag=True, help=forced)])


@dataclass(frozen=True)
class RunOptions:
    """What the user asks for beside the plan itself."""

    store: Path
    view: str = "table"
    files: Mapping[str, str | None] = field(default_factory=dict)
    force: bool = False
    progress: bool = True
    published: bool = False
    graph: str | None = None
    performance_report: str | None = None
    dry_run: bool = False
    seed: int = 0
    gate: Gate | None = None


def measure_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of all measuring commands beside their keys, passed as ``run_options``."""

    @functools.wraps(function)
    def with_run_options(
        *,
        store: Path,
        view: str,
        force: bool,
        no_progress: bool,
        dry_run: bool,
        seed: int,
        **rest: Any,
    ) -> Any:
        files = {name: rest.pop(name) for name in FILES}
        run_options = RunOptions(
            store, view, files, force, progress=not no_progress, dry_run=dry_run, seed=seed
        )
        return function(run_options=run_options, **rest)

    return _all(
        [
            click.option(
                "--seed",
                type=click.IntRange(0, 2**53 - 1),
                default=0,
                show_default=True,
                help="Random seed.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Show what would be measured, but measure nothing."
            ),
            click.option("--no-progress", is_flag=True, help="Show no progress on stderr."),
            format_option,
            file_options(forced="Overwrite existing files; run cases that do not fit in memory."),
            store_option,
        ]
    )(with_run_options)


def _all(decorators: Any) -> Callable[[F], F]:
    """Apply decorators so that their options appear in this order in the help."""

    def apply(function: F) -> F:
        for decorator in reversed(list(decorators)):
            function = decorator(function)
        return function

    return apply
