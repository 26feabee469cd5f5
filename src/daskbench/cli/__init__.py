"""The commands: one file a command, and one line here to register it.

Nothing but Click is imported until a command runs, so that ``--help`` answers at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from daskbench import __version__, harmless
from daskbench.cli import streams
from daskbench.errors import ConfigurationError, DaskbenchError, ExitCode, nearest

#: Each command and its line of help; the module of the same name holds it as ``command``.
COMMANDS = {
    "schedulers": "Compare NumPy and Dask's schedulers on calc_mean.",
    "svd": "Time the exact SVD of a matrix chunked along one dimension.",
    "svd-compressed": "Time the approximate SVD of a matrix chunked in any way.",
    "memory": "Show what each worker holds over time, against the four thresholds of its limit.",
    "thresholds": "Pass each threshold of a worker's memory, and see what follows.",
    "limit": "Find the smallest memory limit per worker at which a benchmark still runs.",
    "ab": "Measure two environments side by side, in the same rounds.",
    "calibrate": "Measure how far a verdict can be believed on this machine.",
    "run": "Run suites of benchmarks.toml.",
    "show": "Show a run again.",
    "compare": "Compare two runs, two cases, or the two sides of a run.",
    "list": "List the runs in the store.",
    "resume": "Go on with a run that was stopped.",
    "export": "Write a run as CSV, JSON or Markdown.",
    "delete": "Delete runs from the store.",
    "init": "Write a benchmarks.toml to start from.",
    "doctor": "Look for what would disturb a measurement here.",
}

EPILOG = """\b
Examples:
  daskbench schedulers --n 100000 --tasks 100
  daskbench schedulers --schedulers threads,distributed --workers 1,2,4 --csv out.csv
  daskbench svd --shape 5e5x100 --method tsqr,cholesky-qr2,gram
  daskbench memory --memory-limit 1GiB
  daskbench ab --python old/bin/python --python new/bin/python
  daskbench run lesson
  daskbench show latest --format markdown
  daskbench compare latest~1 latest --fail-if slower:5%

Every run is kept in .daskbench/ as it is measured. Exit codes: 0 fine, 1 a case failed, or a
threshold of memory did not act as documented, or a limit was not found; 2 usage; with
--fail-if 3 a proved regression and 4 inconclusive; 130 interrupted (what was measured is kept and
shown)."""


class _ShownError(click.ClickException):
    """A DaskbenchError on its way to the terminal."""

    def __init__(self, error: DaskbenchError) -> None:
        super().__init__(harmless.line(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The code that the error asks for."""
        return int(self.error.exit_code)


class _ShownUsageError(click.UsageError):
    """An error of Click's own, which repeats what was typed, on its way to the terminal."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(harmless.line(error.format_message()), error.ctx)


@contextmanager
def _shown() -> Iterator[None]:
    """Turn errors into what is shown of them: all that is printed of one passes here."""
    try:
        yield
    except DaskbenchError as error:
        raise _ShownError(error) from error
    except click.exceptions.NoArgsIsHelpError:  # its message is the help
        raise
    except click.UsageError as error:
        raise _ShownUsageError(error) from error
    except Exception as error:
        if fault := ConfigurationError.of(error):
            raise _ShownError(fault) from error
        raise


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        return [*COMMANDS]  # our module "list" hides the builtin once it is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"daskbench.cli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command."""
        with _shown():
            return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command '{args[0]}': {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Make stdout and stderr ready before anything is said, the help itself too."""
        streams.prepare()
        with streams.accounted():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; this is the one place where our errors are caught."""
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
    """Benchmark Dask so that the figures can be believed.

    One workload on NumPy and on each of Dask's schedulers, in lanes of their own and in rounds;
    every repetition is proved (all tasks ran, the answer is right), every ratio has its interval.
    """
