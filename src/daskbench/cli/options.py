"""Options that several commands share, made from the keys that benchmarks.toml has too."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from daskbench.benchmarks import find_benchmark
from daskbench.config import KEYS, Key, option_name, parameter_key
from daskbench.errors import DaskbenchError
from daskbench.views import VIEWS

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]

STORE = ".daskbench"


class KeyType(click.ParamType[Any, Any]):
    """A value read by its key, so that options and benchmarks.toml can't disagree."""

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
    return _all(
        click.option(
            *_option_strings(name),
            type=KeyType(parameter_key(parameter)),
            metavar=parameter_key(parameter).metavar,
            help=f"{parameter.help} [{'all' if parameter.sweep else parameter.default}]",
        )
        for name, parameter in find_benchmark(benchmark).parameters.items()
    )


def _option_strings(parameter: str) -> tuple[str, ...]:
    """Return ``--shape``; or ``-k`` and ``--k`` for a parameter of one letter."""
    long = f"--{option_name(parameter)}"
    return (f"-{parameter}", long) if len(parameter) == 1 else (long,)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the user gave, under the names that keys have."""
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
        type=click.Path(file_okay=False, path_type=Path),
        default=STORE,
        envvar="DASKBENCH_STORE",
        show_default=True,
        show_envvar=True,
        help="Folder that holds the runs.",
    )
    return option(function)


def format_option(function: F) -> F:
    """Add ``--format``."""
    option = click.option(
        "--format",
        "view",
        type=click.Choice(list(VIEWS)),
        default="table",
        show_default=True,
        help="How to show the results on stdout.",
    )
    return option(function)


def file_options(function: F) -> F:
    """Add ``--csv``, ``--json``, ``--markdown`` and ``--force``."""
    files = [
        click.option(
            f"--{view}",
            metavar="FILE",
            help=f"Write the results as {title} to this file (-: to stdout).",
        )
        for view, title in (("csv", "CSV"), ("json", "JSON"), ("markdown", "Markdown"))
    ]
    force = click.option(
        "--force", is_flag=True, help="Overwrite files that exist; measure what cannot fit."
    )
    return _all([*files, force])(function)


@dataclass(frozen=True)
class Wishes:
    """What the user wants of a measurement beside the plan itself."""

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


def measure_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command that measures has beside its own keys, handed over as ``wishes``."""

    @functools.wraps(function)
    def with_wishes(
        *,
        store: Path,
        view: str,
        csv: str | None,
        json: str | None,
        markdown: str | None,
        force: bool,
        no_progress: bool,
        dry_run: bool,
        seed: int,
        **rest: Any,
    ) -> Any:
        files = {"csv": csv, "json": json, "markdown": markdown}
        wishes = Wishes(
            store, view, files, force, progress=not no_progress, dry_run=dry_run, seed=seed
        )
        return function(wishes=wishes, **rest)

    return _all(
        [
            click.option(
                "--seed",
                type=click.IntRange(min=0),
                default=0,
                show_default=True,
                help="Seed of all chance.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Show what would be measured, and measure nothing."
            ),
            click.option("--no-progress", is_flag=True, help="Draw no progress on stderr."),
            format_option,
            file_options,
            store_option,
        ]
    )(with_wishes)


def _all(decorators: Any) -> Callable[[F], F]:
    """Apply decorators so that their options stand in this order in the help."""

    def apply(function: F) -> F:
        for decorator in reversed(list(decorators)):
            function = decorator(function)
        return function

    return apply
