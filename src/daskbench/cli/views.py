"""How results are shown on stdout: the options of all commands that show some."""

import functools
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from daskbench.asking import subject
from daskbench.benchmarks.targets import target_of
from daskbench.document import Column, Document
from daskbench.document.columns import columns_of_document, unknown
from daskbench.errors import UsageError, close, nearest
from daskbench.formats import ALL, EXPLAIN, FORMATS, TABLE
from daskbench.journal.store import FOLDER
from daskbench.model import Plan


def how_of(store: Path) -> str:
    """Return what to type to have the table of the latest run in a store explained."""
    where = "" if store == Path(FOLDER) else f"--store {shlex.quote(str(store))} "
    return f"daskbench show {where}{EXPLAIN}"


@dataclass(frozen=True)
class View:
    """A format, and what of it: which columns of a table, and whether all of it is explained.

    `how` is what to type to have a table explained.
    """

    name: str = TABLE
    columns: tuple[str, ...] = ()
    explain: bool = False
    wide: bool = False
    how: str = EXPLAIN

    @property
    def names(self) -> list[str]:
        """The columns that are asked for by name."""
        return [name for name in self.columns if name.casefold() != ALL]


class _Names(click.ParamType[tuple[str, ...], tuple[str, ...]]):
    """Names of columns, separated by commas."""

    name = "columns"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the names; refuses empty ones."""
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in str(value).split(","))
        if not all(names):
            self.fail(f"'{value}' names no columns; write all, or names as median_s,tasks", param)
        return names


def make_view(name: str, columns: tuple[str, ...], explain: bool, wide: bool = False) -> View:
    """Return a view; raises UsageError if it asks for parts of a table of another format."""
    asked = {"--columns": columns, EXPLAIN: explain, "--wide": wide}
    if name != TABLE and (option := next((one for one in asked if asked[one]), None)):
        raise UsageError(f"{option} is for tables: leave out --format {name}, which has everything")
    return View(name, columns, explain, wide)


def view_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format``, ``--columns`` and ``--explain``, passed as ``view``."""

    @functools.wraps(function)
    def with_view(*args: Any, view: str, columns: Any, explain: bool, **rest: Any) -> Any:
        return function(*args, view=make_view(view, columns or (), explain), **rest)

    for option in (
        click.option(
            EXPLAIN, is_flag=True, help="Explain the columns, and show all findings in full."
        ),
        click.option(
            "--columns",
            type=_Names(),
            metavar=f"{ALL}|NAME,...",
            help="Columns of the table, by their names in the CSV or their titles.",
        ),
        click.option(
            "--format",
            "view",
            type=click.Choice(list(FORMATS)),
            default=TABLE,
            show_default=True,
            help="Format of the results on stdout.",
        ),
    ):
        with_view = option(with_view)
    return with_view


def check_planned(plan: Plan, view: View, *, compared: bool = False) -> None:
    """Raise UsageError if a column is asked for that no table of a plan can have.

    A user's class may have figures of any name, so that of those only misspelt names are found.
    With `compared` the plan's run is compared with an earlier one.
    """
    if not view.names:
        return
    from daskbench.experiments.report import columns_of

    benchmarks = dict.fromkeys(case.benchmark for _, _, case in plan.cases)
    ours = [name for name in benchmarks if target_of(name) is None]
    figures = [pattern for name in ours for pattern in subject(name).traits.figures]
    columns = columns_of(plan, compared=compared)
    for name in unknown(view.names, columns):
        if any(fnmatchcase(name, pattern) for pattern in figures):
            continue
        if len(ours) == len(benchmarks) or _meant(name, columns):
            raise UsageError(_no_column(name, columns))


def check_shown(document: Document, view: View, plan: Plan | None = None) -> None:
    """Raise UsageError if a column is asked for that no table has, nor another run of its plan."""
    if errors := missing_columns(document, view, plan):
        raise UsageError(errors[0])


def missing_columns(document: Document, view: View, plan: Plan | None) -> list[str]:
    """Return an error for each column that is asked for but in no table, and in no other run's."""
    if not view.names:
        return []
    from daskbench.experiments.report import columns_of

    columns = [*columns_of_document(document), *(columns_of(plan) if plan else ())]
    return [_no_column(name, columns) for name in unknown(view.names, columns)]


def _no_column(name: str, columns: Sequence[Column[Any]]) -> str:
    known = [ALL, *dict.fromkeys(column.name for column in columns)]
    return f"no column '{name}': {_meant(name, columns) or nearest(name, known)}"


def _meant(name: str, columns: Sequence[Column[Any]]) -> str | None:
    return close(name, [text for one in columns for text in (one.name, one.title)])
