"""A script, run as ``python FILE.py`` runs it."""

import contextlib
import io
import os
import runpy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Script:
    """A script as a function: it returns what the script prints."""

    path: Path

    @property
    def __name__(self) -> str:
        """The name of the file, without its ending."""
        return self.path.stem

    def __call__(self) -> str:
        """Run the script as ``__main__``. Raises RuntimeError if it exits with an error."""
        printed = io.StringIO()
        with _as_started(self.path), contextlib.redirect_stdout(printed):
            try:
                runpy.run_path(str(self.path), run_name="__main__")
            except SystemExit as error:
                if error.code not in (None, 0):
                    raise RuntimeError(f"{self.path.name} exited with {error.code!r}") from error
        return printed.getvalue()


@contextlib.contextmanager
def _as_started(path: Path) -> Iterator[None]:
    """Set arguments and import path as Python does for a script; restore them, and the folder."""
    folder, arguments, entries = os.getcwd(), sys.argv, list(sys.path)  # noqa: PTH109
    sys.argv, sys.path[:0] = [str(path)], [str(path.parent)]
    try:
        yield
    finally:
        sys.argv, sys.path[:] = arguments, entries
        os.chdir(folder)
