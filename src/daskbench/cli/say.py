"""Single-line messages that commands print beside reports."""

import click

from daskbench import harmless


def say(text: object, *, err: bool = False, mark: str = "") -> None:
    """Print a line to stdout or stderr, with control characters escaped.

    A `mark` of our own before it may be coloured.
    """
    click.echo(mark + harmless.line(text), err=err)
