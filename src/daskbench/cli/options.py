"""Options that several commands share, generated from the keys of benchmarks.toml."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from daskbench.cli.file_options import Folder, file_option
from daskbench.cli.gate import Gate
from daskbench.cli.views import View, view_options
from daskbench.config import (
    KEYS,
    Key,
    option_name,
)
from daskbench.errors import DaskbenchError
from daskbench.journal.store import FOLDER

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]

#: The files that commands can write.
FILES = {
    "csv": "the results as CSV",
    "json": "the results as JSON",
    "markdown": "the results as Markdown",
    "html": "a report with plots as one HTML page",
    "timeline": "each reading of the workers' memory as CSV",
    "events": "worker events (paused, resumed, ended, ...) as CSV",
}
#: Files for other tools, written from a finished run, so only by ``export``.
INTEROP_FILES = {
    "pyperf": "the samples in pyperf's JSON format",
    "pytest_benchmark": "the samples in pytest-benchmark's JSON format",
    "hyperfine": "the samples in hyperfine's JSON format",
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
    return all_of(
        click.option(f"--{name}/--{key.off or f'no-{name}'}", default=None, help=key.help)
        if key.flag
        else click.option(
            f"--{name}", type=KeyType(key), metavar=key.metavar, help=key.help, multiple=key.many
        )
        for name, key in keys.items()
    )


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


def file_options(
    described: Mapping[str, str] = FILES, forced: str = "Overwrite existing files."
) -> Callable[[F], F]:
    """Add an option for each kind of file that can be written, and ``--force``."""
    files = [
        file_option(f"--{option_name(name)}", help=f"Write {what} to this file (-: to stdout).")
        for name, what in described.items()
    ]
    return all_of([*files, click.option("--force", is_flag=True, help=forced)])


@dataclass(frozen=True)
class RunOptions:
    """What the user asks for beside the plan itself."""

    store: Path
    view: View = field(default_factory=View)
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
        view: View,
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

    return all_of(
        [
            click.option(
                "--seed",
                type=click.IntRange(0, 2**53 - 1),
                metavar="N",
                default=0,
                show_default=True,
                help="Random seed.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Show what would be measured, but measure nothing."
            ),
            click.option("--no-progress", is_flag=True, help="Show no progress on stderr."),
            view_options,
            file_options(forced="Overwrite existing files; run cases that do not fit in memory."),
            store_option,
        ]
    )(with_run_options)


def all_of(decorators: Any) -> Callable[[F], F]:
    """Apply decorators so that their options appear in this order in the help."""

    def apply(function: F) -> F:
        for decorator in reversed(list(decorators)):
            function = decorator(function)
        return function

    return apply
