"""The commands: one file per command, and one line here to register it.

Nothing but Click is imported until a command runs, so that ``--help`` answers at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from daskbench import __version__, harmless, ranks
from daskbench.cli import streams, typed
from daskbench.errors import ConfigurationError, DaskbenchError, ExitCode, nearest

#: Each command and its one-line help; the module of the same name defines it as ``command``.
COMMANDS = {
    "bench": "Measure your own function or script, or a built-in benchmark, on Dask's schedulers.",
    "schedulers": "Compare NumPy and Dask's schedulers on calc_mean.",
    "svd": "Time the exact SVD of a matrix chunked along one dimension.",
    "svd-compressed": "Time the approximate SVD of a matrix chunked in any way.",
    "memory": "Show each worker's memory over time, against its four memory thresholds.",
    "thresholds": "Cross each memory threshold of a worker on purpose, and check what it does.",
    "limit": "Find the smallest memory limit per worker at which a benchmark still runs.",
    "ab": "Measure two environments side by side, in the same rounds.",
    "overhead": "Measure what a task costs on each scheduler, and how large tasks should be.",
    "network": "Measure latency and bandwidth between each pair of workers.",
    "calibrate": "Measure how reliable verdicts are on this machine.",
    "run": "Run suites of benchmarks.toml.",
    "show": "Show the results of a run.",
    "compare": "Compare two runs, two cases, or the two sides of a run.",
    "list": "List the runs in the store.",
    "resume": "Continue a run that was stopped.",
    "report": "Write a report with plots as one HTML page.",
    "export": "Export a run to CSV, JSON or Markdown, or for other tools.",
    "delete": "Delete runs from the store.",
    "init": "Create a starter benchmarks.toml.",
    "doctor": "Check this machine for anything that would disturb a measurement.",
}

EPILOG = """\b
Examples:
  daskbench bench pipeline.py:build
  daskbench bench pipeline.py:build --n 1e3,1e4 --schedulers threads,distributed
  daskbench schedulers --n 100000 --tasks 100
  daskbench schedulers --schedulers threads,distributed --workers 1,2,4 --csv out.csv
  daskbench svd --shape 5e5x100 --method tsqr,cholesky-qr2,gram
  daskbench memory --memory-limit 1GiB
  daskbench ab --python old/bin/python --python new/bin/python
  daskbench run lesson
  daskbench show latest --format markdown
  daskbench compare latest~1 latest --fail-if slower:5%
  daskbench report latest -o report.html

Every run is saved in .daskbench/ while it is measured. Exit codes: 0 success; 1 a case failed, a
memory threshold did not act as documented, or a memory limit was not found; 2 usage or
configuration error; 130 interrupted (samples measured so far are kept and shown). With --fail-if
also: 3 a regression is proved, 4 inconclusive."""


class _ShownError(click.ClickException):
    """A DaskbenchError, ready to be printed on the terminal."""

    def __init__(self, error: DaskbenchError) -> None:
        super().__init__(harmless.line(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of the error."""
        return int(self.error.exit_code)


class _ShownUsageError(click.UsageError):
    """A usage error of Click's, which quotes user input, made safe for the terminal."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(harmless.line(error.format_message()), error.ctx)


@contextmanager
def _shown() -> Iterator[None]:
    """Turn errors into Click exceptions; every error that is printed passes through here.

    Of processes that were started together only the first prints it, and fails: mpirun ends all at
    the first failure, which might be before the first process has printed.
    """
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:  # its message is the help
        raise
    except (DaskbenchError, click.UsageError) as error:
        if ranks.is_other():
            raise SystemExit(int(ExitCode.OK)) from error
        if isinstance(error, DaskbenchError):
            raise _ShownError(error) from error
        raise _ShownUsageError(error) from error
    except Exception as error:
        if fault := ConfigurationError.of(error):
            raise _ShownError(fault) from error
        raise


class LazyGroup(click.Group):
    """A group that imports each command only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a new user needs them."""
        return [*COMMANDS]  # our module "list" shadows the builtin once imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"daskbench.cli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        command.name = cmd_name  # as the reference of the commands has it
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command."""
        typed.remember(ctx, args)
        with _shown():
            return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the nearest one."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command '{args[0]}': {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Prepare stdout and stderr before anything is printed, including the help itself."""
        streams.prepare()
        with streams.accounted():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; this is the only place where our errors are caught."""
        try:
            with streams.accounted(), _shown():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            from daskbench.cli.say import say

            say("Interrupted.", err=True)
            ctx.exit(ExitCode.INTERRUPTED)


@click.group(cls=LazyGroup, name="bench", epilog=EPILOG)
@click.version_option(__version__, prog_name="daskbench")
def main() -> None:
    """Benchmark Dask with results you can trust.

    Runs one workload on NumPy and on each of Dask's schedulers, each case in its own process and
    all of them in interleaved rounds. Every repetition is verified (all tasks ran, the answer is
    correct), and every ratio comes with a confidence interval.
    """
