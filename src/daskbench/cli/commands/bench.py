"""``daskbench bench``."""

import shlex
from collections.abc import Iterable
from typing import Any, NoReturn

import click

from daskbench.benchmarks.targets import target_of
from daskbench.cli import benchmark_options, library, options
from daskbench.cli.here import HERE
from daskbench.cli.look import look_options
from daskbench.cli.say import say
from daskbench.cli.session import carry_out
from daskbench.config import is_reserved, option_name, parameter_key, usable_parameters
from daskbench.errors import DaskbenchError, UsageError, nearest
from daskbench.experiments.compare import EXPERIMENT

KEYS = {
    **EXPERIMENT.keys,
    "schedulers": EXPERIMENT.keys["schedulers"].with_default(
        "numpy (if there is a plain version), synchronous, default, processes, distributed, "
        "distributed-inproc, default-cluster"
    ),
    "workers": EXPERIMENT.keys["workers"].with_default(
        "the number of usable cores; distributed-inproc: 1"
    ),
}

EPILOG = """\b
Examples:
  daskbench bench pipeline.py:build
  daskbench bench pipeline.py:build --help          its parameters
  daskbench bench pipeline.py:build --n 1e3,1e4 --chunks auto,64MiB --workers 1,2
  daskbench bench pipeline.py:build --schedulers threads,distributed --plain pipeline.py:in_numpy
  daskbench bench package.module:Pipeline.build -p n=1e4
  daskbench bench script.py
  daskbench bench script.py -- data.csv --fast      with arguments of its own
  daskbench bench shuffle --size S,M --schedulers distributed
  daskbench bench list                              the built-in benchmarks

TARGET is your own function (FILE.py:NAME or package.module:NAME), a script (FILE.py), or a built-in
benchmark. Keyword parameters with defaults become options; a list of values measures every
combination. Functions named plain, setup, teardown and check in the same file are used if present.
Ratios are to the plain version, or else to synchronous.

By default there is a row for each way to use Dask, with all cores: default is Dask's own
choice (threads, or processes for bags), default-cluster is LocalCluster() as it comes, and a row
that would repeat another is left out. --workers 1,2,4 measures threads, processes and distributed
with each number of workers."""


#: Where the words after ``--`` are kept.
_ARGUMENTS = "daskbench.arguments"


class BenchCommand(benchmark_options.BenchmarkCommand):
    """The command, which lists the built-in benchmarks if its target is the word ``list``.

    The words after TARGET and ``--`` are the arguments of a script.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Print the list, or parse the arguments."""
        if args[:1] == ["list"]:
            self._list(ctx, args[1:])
        if "--" in args and self._benchmark(args[: (end := args.index("--"))]):
            args, ctx.meta[_ARGUMENTS] = args[:end], args[end + 1 :]
        return super().parse_args(ctx, args)

    def _list(self, ctx: click.Context, others: list[str]) -> NoReturn:
        if others:
            raise UsageError(f"bench list takes no arguments, but got {others[0]}")
        for line in library.lines():
            say(line)
        ctx.exit()


@click.command(cls=BenchCommand, epilog=EPILOG)
@click.argument(
    "benchmark",
    metavar="TARGET",
    callback=lambda ctx, param, value: benchmark_options.whole_name(value),
)
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="Set a parameter of TARGET, as its own option does; repeatable.",
)
@options.key_options(KEYS)
@options.measure_options
@look_options
def command(
    benchmark: str, params: tuple[str, ...], run_options: options.RunOptions, **values: Any
) -> None:
    """Measure your own function or script, or a built-in benchmark, on Dask's schedulers.

    The function returns Dask collections, in any structure, whose computation is timed; or it
    computes by itself, and is timed as a whole. It is called anew for every sample. All of its
    tasks are counted, and its answers are compared with a reference.
    """
    given = options.given(values)
    own = _read(benchmark, params) | _after_dashes(benchmark)
    if twice := own.keys() & given.keys():
        raise UsageError(f"{min(twice)} is given twice: as an option, and by -p or after --")
    suite = EXPERIMENT.make("bench", benchmark, given | own, HERE)
    click.get_current_context().exit(carry_out((suite,), "bench", run_options))


def _after_dashes(benchmark: str) -> dict[str, Any]:
    """Return the arguments of a script that follow ``--``."""
    words = click.get_current_context().meta.get(_ARGUMENTS)
    if words is None:
        return {}
    target = target_of(benchmark)
    if target is None or not target.is_script:
        raise UsageError(
            f"{' '.join(['--', *words])}: only a script, FILE.py, takes arguments; parameters of "
            "a function are options, as --n 1000"
        )
    return {"arguments": (shlex.join(words),)}


def _read(benchmark: str, params: Iterable[str]) -> dict[str, Any]:
    """Return the values of ``-p name=value``, by the names of their options."""
    parameters, found = usable_parameters(benchmark), {}
    for param in params:
        name, equals, value = param.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"-p {param}: write NAME=VALUE")
        if name not in parameters and is_reserved(name):
            raise UsageError(
                f"-p {param}: '{name}' is a name of daskbench's own, so a parameter of that name "
                "keeps its default; rename it to set it"
            )
        if name not in parameters:
            hint = nearest(name, parameters) if parameters else "it has none"
            raise UsageError(f"-p {param}: {benchmark} has no parameter '{name}': {hint}")
        try:
            found[option_name(name)] = parameter_key(parameters[name]).read(value)
        except DaskbenchError as error:
            raise UsageError(f"-p {param}: {error}") from error
    return found
