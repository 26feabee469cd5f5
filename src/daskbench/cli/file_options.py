"""Options and types of options that name files and folders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from daskbench.cli.files import STDOUT
from daskbench.errors import DaskbenchError, UsageError
from daskbench.paths import usable

F = TypeVar("F", bound=Callable[..., Any])

_ALSO_STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


class FileName(click.ParamType[str, str]):
    """The name of a file to write, or ``-``; refuses names that no file can have."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name; a UsageError becomes Click's own."""
        if value in _ALSO_STDOUT:
            return STDOUT
        try:
            return str(value) if value == STDOUT or usable(value) else ""
        except DaskbenchError as error:
            self.fail(str(error), param, ctx)


class Folder(click.Path):
    """The path of a folder, existing or not; refuses paths that no folder can have."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check the name first; a UsageError becomes Click's own."""
        try:
            usable(str(value))
        except DaskbenchError as error:
            self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)


def file_option(
    *names: str,
    help: str,
    default: str | None = None,
    kind: "click.ParamType[Any, Any] | None" = None,
) -> Callable[[F], F]:
    """Add an option that names a file, to write unless `kind` says otherwise.

    Click would keep the last of several files, and drop the others without a word; so a second one
    is a UsageError, as it is an error of GNU sort.
    """
    return click.option(
        *names,
        type=kind or FileName(),
        metavar="FILE",
        multiple=True,
        default=[default] if default else None,
        show_default=bool(default),
        callback=_only_one,
        help=help,
    )


def _only_one(ctx: click.Context, param: click.Parameter, names: tuple[Any, ...]) -> Any:
    """Return the file that was named, or None; raises UsageError if there are several."""
    if len(names) > 1:
        option, listed = max(param.opts, key=len), ", ".join(map(str, names))
        raise UsageError(f"{option} is given {len(names)} times ({listed}); give it once")
    return names[0] if names else None
