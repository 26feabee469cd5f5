"""A function of a session, in a file: one of ``__main__`` or of a notebook, a lambda, a closure.

No process can import it, so it travels by value, as cloudpickle writes it, with the names that it
uses. The file holds two pickles: what loading the function takes, then the function.

Loading runs code. Only lanes and the processes of `daskbench.asking` do it, and `resume` refuses a
journal of somebody else that names such a file (see `daskbench.trust`).
"""

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from daskbench.benchmarks.users import error_text
from daskbench.errors import UsageError

SUFFIX = ".pickle"
#: Code is compiled for one version of Python.
_PYTHON = ".".join(map(str, sys.version_info[:2]))
_INSTALLED = ("site-packages", "dist-packages")

_loaded: dict[Path, Any] = {}


class TooLarge(Exception):
    """More than the allowed number of bytes."""


class _Limited:
    """A file that takes up to so many bytes."""

    def __init__(self, file: IO[bytes], most_bytes: float) -> None:
        self._file, self._left = file, most_bytes

    def write(self, data: Any) -> int:
        """Write bytes or a buffer. Raises TooLarge."""
        size = memoryview(data).nbytes
        self._left -= size
        if self._left < 0:
            raise TooLarge
        self._file.write(data)
        return size


def save(path: Path, function: Any, most_bytes: float) -> int:
    """Write a function to a new file, and return the file's size in bytes.

    Raises TooLarge, OSError, and whatever an object raises that can't be pickled.
    """
    import cloudpickle

    with path.open("xb") as file, _by_value(function):
        out = _Limited(file, most_bytes)
        pickle.dump({"python": _PYTHON, "path": [entry for entry in sys.path if entry]}, out)
        cloudpickle.dump(function, out)
        return file.tell()


def load(path: Path) -> Any:
    """Return the function of a file, the same object each time. Raises UsageError."""
    if path not in _loaded:
        try:
            with path.open("rb") as file:
                _loaded[path] = _read(path, file)
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
    return _loaded[path]


def _read(path: Path, file: IO[bytes]) -> Any:
    try:
        needed = pickle.load(file)
        python, entries = needed["python"], needed["path"]
    except Exception as error:
        raise UsageError(f"{path} holds no function: {error_text(error)}") from error
    if python != _PYTHON:
        raise UsageError(
            f"{path.stem} is a function of a session of Python {python}, which Python {_PYTHON} "
            "can't run; save it in a file and name FILE.py:NAME"
        )
    sys.path += [entry for entry in entries if entry not in sys.path]
    try:
        return pickle.load(file)
    except BaseException as error:
        raise UsageError(f"{path.stem} can't be loaded: {error_text(error)}") from error


@contextmanager
def _by_value(function: Any) -> Iterator[None]:
    """Let a function take along what it uses of its own module, unless that is installed.

    A module of a test or a script may be known here by a name that no other process can import.
    """
    import cloudpickle

    module = sys.modules.get(getattr(function, "__module__", None) or "")
    if module is None or not is_own(module):
        yield
        return
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        with suppress(ValueError):
            cloudpickle.unregister_pickle_by_value(module)


def is_own(module: ModuleType) -> bool:
    """Whether a module is a file of the user's, neither installed nor a part of Python."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or module.__name__ in ("__main__", "daskbench"):
        return False
    top = module.__name__.partition(".")[0]
    return top not in sys.stdlib_module_names and not any(part in file for part in _INSTALLED)
