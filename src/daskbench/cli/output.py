"""Results to stdout and to files."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from daskbench.errors import UsageError
from daskbench.stats.comparison import Comparisons
from daskbench.views import Page, render, render_comparison, render_file
from daskbench.views.report import Report

STDOUT = "-"
_WIDTH_IN_A_PIPE = 80


def page_of_stdout() -> Page:
    """Return how wide stdout is, and whether it takes colour (NO_COLOR and dumb terminals don't).

    Source: https://no-color.org
    """
    terminal = sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width = os.environ.get("COLUMNS", "")
    if width.isdigit() and int(width) > 0:
        columns = int(width)
    else:
        columns = os.get_terminal_size(1).columns if terminal else _WIDTH_IN_A_PIPE
    return Page(width=max(columns, 40), color=terminal and not plain)


def print_report(report: Report, view: str) -> None:
    """Print the report as that view shows it."""
    page = page_of_stdout()
    click.echo(render(view, report, page), nl=False, color=page.color)


def print_comparison(compared: Comparisons, view: str) -> None:
    """Print a comparison as that view shows it."""
    page = page_of_stdout()
    click.echo(render_comparison(view, compared, page), nl=False, color=page.color)


def check_targets(files: Mapping[str, str | None], *, force: bool) -> None:
    """Check before anything slow starts that these files may be written; raises UsageError."""
    names = [name for name in files.values() if name]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{name} is named for two formats; give each a file of its own")
        path = Path(name)
        if name == STDOUT:
            continue
        if path.is_dir():
            raise UsageError(f"{path} is a folder; name a file")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"there is no folder {path.absolute().parent} to write {path.name} in")
        if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
            raise UsageError(f"{path} can't be written there: permission denied")
        if path.exists() and not force:
            raise UsageError(f"{path} exists; overwrite it with --force, or name another")


def write_text(name: str, text: str, *, force: bool) -> None:
    """Write a file whole or not at all; ``-`` is stdout. Raises UsageError."""
    if name == STDOUT:
        click.echo(text, nl=False)
        return
    check_targets({"file": name}, force=force)
    path = Path(name)
    try:
        if path.exists() and not path.is_file():  # a pipe or a device is written into
            path.write_text(text, encoding="utf-8", newline="")
            return
        descriptor, temporary = tempfile.mkstemp(
            dir=path.absolute().parent, prefix=f".{path.name}."
        )
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            umask = os.umask(0)
            os.umask(umask)
            Path(temporary).chmod(0o666 & ~umask)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def write_files(report: Report, files: Mapping[str, str | None], *, force: bool) -> None:
    """Write into each file what it was asked for."""
    for what, name in files.items():
        if name:
            write_text(name, render_file(what, report), force=force)
