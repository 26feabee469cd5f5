"""How results are shown on stdout: the options of all commands that show some."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from daskbench.document import Document
from daskbench.errors import UsageError, nearest
from daskbench.formats import ALL, FORMATS, TABLE


@dataclass(frozen=True)
class View:
    """A format, and what of it: which columns of a table, and whether all of it is explained."""

    name: str = TABLE
    columns: tuple[str, ...] = ()
    explain: bool = False
    wide: bool = False


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
    asked = {"--columns": columns, "--explain": explain, "--wide": wide}
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
            "--explain", is_flag=True, help="Explain the columns, and show all findings in full."
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


def unknown_columns(document: Document, view: View) -> list[str]:
    """Return an error for each column that is asked for but in no table."""
    from daskbench.formats.table.choose import names_of, unknown

    known = [ALL, *names_of(document)]
    return [f"no column '{one}': {nearest(one, known)}" for one in unknown(document, view.columns)]


def check_columns(document: Document, view: View) -> None:
    """Raise UsageError if a column is asked for that no table has."""
    if errors := unknown_columns(document, view):
        raise UsageError(errors[0])
