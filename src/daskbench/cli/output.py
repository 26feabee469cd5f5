"""Results to stdout and to files."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import indent

import click

from daskbench import harmless
from daskbench.cli.files import STDOUT, write_text
from daskbench.cli.say import say
from daskbench.cli.views import View
from daskbench.config import option_name
from daskbench.document import Document
from daskbench.errors import DaskbenchError, ExitCode
from daskbench.formats import TABLE, Page, render
from daskbench.journal.run import Run

_WIDTH_IN_A_PIPE = 80
#: On a page that is narrower, tables could not even be folded.
_NARROWEST = 20
_FOR_READERS = (TABLE, "plain")
#: Terminals that print what they don't know of the sequence of a link (OSC 8).
_WITHOUT_LINKS = ("linux", "vt100", "cons25")
_GLYPHS = "×±µ…█├─●┤┊"


def page_of_stdout() -> Page:
    """Return how wide stdout is, and whether it takes colour (NO_COLOR and dumb terminals don't).

    Source: https://no-color.org
    """
    terminal = sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    columns = _WIDTH_IN_A_PIPE
    if terminal or "COLUMNS" in os.environ:
        columns = shutil.get_terminal_size((_WIDTH_IN_A_PIPE, 24)).columns
    color = terminal and not plain
    links = color and os.environ.get("TERM") not in _WITHOUT_LINKS
    return Page(max(columns, _NARROWEST), color, links, ascii=not _shows_bars())


def _shows_bars() -> bool:
    """Whether the encoding of stdout has all that tables are made of."""
    try:
        _GLYPHS.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def print_document(document: Document, view: View) -> None:
    """Print a document as it is to be viewed."""
    page = replace(
        page_of_stdout(),
        columns=view.columns,
        wide=view.wide,
        explain=view.explain,
        how=view.how,
    )
    _print(render(view.name, document, page), view.name, page)


def print_failures(run: Run) -> None:
    """Print when and why each failed case failed, or its account did, and the traceback."""
    if not run.failures and not run.unaccounted:
        say(f"nothing failed in {run.run_id}")
    for number, failure in sorted(run.failures.items()):
        say(f"{run.cases[number][2]}: failed {failure.phase}: {failure.reason}")
        _print_traceback(failure.detail)
    for number, lacking in sorted(run.unaccounted.items()):
        say(f"{run.cases[number][2]}: no account: {lacking.reason}")
        _print_traceback(lacking.detail)


def _print_traceback(detail: str | None) -> None:
    if detail:
        click.echo(indent(harmless.block(detail.rstrip()), "  ") + "\n")


def _print(text: str, view: str, page: Page) -> None:
    """Print text for people in the encoding of stdout, and data for programs in UTF-8."""
    if view in _FOR_READERS:
        click.echo(text, nl=False, color=page.color)
    else:
        write_text(STDOUT, text, force=False)


def write_files(
    files: Mapping[str, str | None],
    render: Callable[[str], str],
    *,
    force: bool,
    journal: Path | None = None,
) -> list[str]:
    """Write each file, stdout last; a failure of one does not prevent the others.

    Returns an error message for each file that could not be written; from `journal` it can be
    written later.
    """
    errors = []
    for what, name in sorted(files.items(), key=lambda item: item[1] == STDOUT):
        if name is None:
            continue
        try:
            write_text(name, render(what), force=force)
        except DaskbenchError as error:
            errors.append(f"{error}{_later(journal, what, name) if journal else ''}")
    return errors


def _later(journal: Path, what: str, name: str) -> str:
    """Return the command that writes the file once there is room for it."""
    words = ("daskbench", "export", str(journal), f"--{option_name(what)}", name)
    return f"; the run is kept: '{shlex.join(words)}' writes the file"


def tell(errors: Iterable[str]) -> ExitCode:
    """Print an error for each file that was not written, and return the exit code."""
    code = ExitCode.OK
    for error in errors:
        say(f"Error: {error}", err=True)
        code = ExitCode.USAGE
    return code
