"""What commands say in lines of their own, beside reports: always one line each."""

import click

from daskbench import harmless


def say(text: object, *, err: bool = False, mark: str = "") -> None:
    """Print a line to stdout or stderr; what a terminal would obey in it is shown instead.

    A `mark` of our own before it may be in colour.
    """
    click.echo(mark + harmless.line(text), err=err)
