"""A script, run as ``python FILE.py ARGUMENTS`` runs it."""

import contextlib
import io
import os
import runpy
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daskbench.benchmarks.base import Parameter
from daskbench.benchmarks.work.signature import Argument

#: The exit code of programs that are called with wrong arguments.
_USAGE = 2
#: The parameter of every script.
ARGUMENTS = {
    "arguments": Argument(
        Parameter("", "Arguments of the script, as a shell splits them."), shlex.split
    )
}


@dataclass(frozen=True)
class Script:
    """A script as a function: it returns what the script prints."""

    path: Path

    @property
    def __name__(self) -> str:
        """The name of the file, without its ending."""
        return self.path.stem

    def __call__(self, arguments: Sequence[str] = ()) -> str:
        """Run the script as ``__main__``. Raises RuntimeError if it exits with an error."""
        printed = io.StringIO()
        with _as_started(self.path, arguments), contextlib.redirect_stdout(printed):
            try:
                runpy.run_path(str(self.path), run_name="__main__")
            except SystemExit as error:
                if error.code not in (None, 0):
                    hint = "" if arguments or error.code != _USAGE else ": its arguments follow --"
                    raise RuntimeError(
                        f"{self.path.name} exited with {error.code!r}{hint}"
                    ) from error
        return printed.getvalue()


@contextlib.contextmanager
def _as_started(path: Path, given: Sequence[str]) -> Iterator[None]:
    """Set arguments and import path as Python does for a script; restore them, and the folder."""
    folder, arguments, entries = os.getcwd(), sys.argv, list(sys.path)  # noqa: PTH109
    sys.argv, sys.path[:0] = [str(path), *given], [str(path.parent)]
    try:
        yield
    finally:
        sys.argv, sys.path[:] = arguments, entries
        os.chdir(folder)
