"""Options that depend on a benchmark: one for each of its parameters."""

import itertools
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import click

from daskbench.benchmarks import BENCHMARKS, REFERENCES
from daskbench.benchmarks.targets import target_of
from daskbench.cli.options import KeyType, all_of
from daskbench.config import option_name, parameter_key, usable_parameters, whole_target
from daskbench.errors import UsageError
from daskbench.harmless import cell, line
from daskbench.paths import check_text

F = TypeVar("F", bound=Callable[..., Any])


def parameter_options(benchmark: str) -> Callable[[F], F]:
    """Add an option for each parameter of a benchmark."""
    return all_of(click.option(*strings, **more) for strings, more in _declared(benchmark))


def _declared(
    benchmark: str, defaults: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the option strings of each parameter, and Click's other arguments."""
    parameters = usable_parameters(benchmark)
    for name, parameter in parameters.items():
        key = parameter_key(parameter)
        default = defaults.get(option_name(name), "all" if parameter.sweep else parameter.default)
        more = {"metavar": cell(key.metavar), "help": line(f"{parameter.help} [{_shown(default)}]")}
        yield _option_strings(name), {"type": KeyType(key), **more}


def _shown(default: object) -> str:
    """Return a default as a user would write it: 1e+06 rather than 1000000.0."""
    return cell(f"{default:g}" if isinstance(default, float) else default)


def _option_strings(parameter: str) -> tuple[str, ...]:
    """Return ``--shape``; or ``-k`` and ``--k`` for a parameter of one letter.

    The name comes with it, as Click would convert it to lower case.
    """
    long = f"--{option_name(parameter)}"
    return (f"-{parameter}", long, parameter) if len(parameter) == 1 else (long, parameter)


class BenchmarkCommand(click.Command):
    """A command with an option for each parameter of its benchmark.

    The benchmark is the value of ``--benchmark``, or the argument of that name. The options depend
    on the arguments, so these are scanned before they are parsed; ``--help`` shows the options of
    the benchmark given beside it. `defaults`, by benchmark and option, replace a benchmark's own in
    the help; the command has to apply them.
    """

    _KEY = "daskbench.parameters"

    def __init__(
        self, *args: Any, defaults: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.defaults = defaults or {}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the benchmark first, then parse with its options."""
        if given := self._benchmark(args):
            name = whole_name(given)
            ctx.meta[self._KEY] = [*self._own_options(name)]
        return super().parse_args(ctx, args)

    def _benchmark(self, args: list[str]) -> str | None:
        """Return the benchmark that the arguments name."""
        chosen = next(parameter for parameter in self.params if parameter.name == "benchmark")
        if isinstance(chosen, click.Option):
            return _last_value(args, "--benchmark") or str(chosen.default)
        flags = {
            opt
            for option in self.params
            if isinstance(option, click.Option) and option.is_flag
            for opt in (*option.opts, *option.secondary_opts)
        }
        return _first_argument(args, {*flags, "--help"})

    def _own_options(self, name: str) -> Iterator[click.Option]:
        """Yield an option for each parameter of a benchmark."""
        others = {opt for other in self.params for opt in other.opts}
        for strings, more in _declared(name, self.defaults.get(name, {})):
            free = [one for one in strings if one not in others or not _is_short(one)]
            option = click.Option(free, **more)
            if taken := {*option.opts} & others:
                raise UsageError(
                    f"benchmark {name}: rename its parameter, as {', '.join(taken)} is already an "
                    "option of this command"
                )
            yield option

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options, those of the benchmark after ``--benchmark``."""
        params = super().get_params(ctx)
        after = next(i for i, parameter in enumerate(params, 1) if parameter.name == "benchmark")
        return [*params[:after], *ctx.meta.get(self._KEY, ()), *params[after:]]


def _is_short(option: str) -> bool:
    return option.startswith("-") and not option.startswith("--")


def benchmark_option(default: str) -> Callable[[F], F]:
    """Add ``--benchmark``, for a `BenchmarkCommand`."""
    return click.option(
        "--benchmark",
        default=default,
        show_default=True,
        metavar="NAME",
        callback=lambda ctx, param, value: whole_name(value),
        help="What to compute: a name from 'daskbench bench list', or your own, as FILE.py:NAME. "
        "Its options are shown by --benchmark NAME --help.",
    )


def whole_name(benchmark: str) -> str:
    """Return the full name of a benchmark, valid wherever the run is read or resumed."""
    if target_of(check_text(benchmark)):
        return whole_target(benchmark, Path())
    if benchmark in REFERENCES:
        raise UsageError(
            f"'{benchmark}' cannot be selected: it is measured beside other benchmarks"
        )
    own = benchmark.replace("-", "_")  # commands are spelled with hyphens
    return own if own in BENCHMARKS else benchmark


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


def _first_argument(args: list[str], flags: Container[str]) -> str | None:
    """Return the first word that is neither an option nor the value of one.

    Options that are not `flags` take a value: those that are not known yet are parameters.
    """
    words = iter(args)
    for word in words:
        if word == "--":
            return next(words, None)
        if not word.startswith("-") or word == "-":
            return word
        attached = "=" in word or (_is_short(word) and len(word) > 2)
        if word not in flags and not attached:
            next(words, None)
    return None
