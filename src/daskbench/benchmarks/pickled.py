"""Functions of a session, in a file: those of ``__main__`` or of a notebook, lambdas, closures.

No process can import them, so they travel by value, as cloudpickle writes them, with the names that
they use. The file holds two pickles: what loading takes, then a dict of the functions.

Loading runs code. Only lanes and the processes of `daskbench.asking` do it, and `resume` refuses a
journal of somebody else that names such a file (see `daskbench.trust`).
"""

import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from daskbench.benchmarks.users import error_text
from daskbench.errors import UsageError

SUFFIX = ".pickle"
#: The module that they seem to be of, wherever they are loaded.
SESSION = "__main__"
#: Code is compiled for one version of Python.
_PYTHON = ".".join(map(str, sys.version_info[:2]))
_INSTALLED = ("site-packages", "dist-packages")

_loaded: dict[Path, ModuleType] = {}


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


def save(path: Path, functions: Mapping[str, Any], most_bytes: float) -> int:
    """Write functions to a new file, and return the file's size in bytes.

    Raises TooLarge, OSError, and whatever an object raises that can't be pickled.
    """
    import cloudpickle

    with path.open("xb") as file, ExitStack() as stack:
        for function in functions.values():
            stack.enter_context(_by_value(function))
        out = _Limited(file, most_bytes)
        pickle.dump({"python": _PYTHON, "path": [*map(os.path.abspath, sys.path)]}, out)
        cloudpickle.dump(dict(functions), out)
        return file.tell()


def load(path: Path) -> ModuleType:
    """Return the functions of a file as a module, the same each time. Raises UsageError."""
    if path not in _loaded:
        try:
            with path.open("rb") as file:
                found = _read(path, file)
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        _loaded[path] = ModuleType(SESSION)
        vars(_loaded[path]).update(found)
    return _loaded[path]


def _read(path: Path, file: IO[bytes]) -> dict[str, Any]:
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
        return dict(pickle.load(file))
    except BaseException as error:
        raise UsageError(f"{path.stem} can't be loaded: {error_text(error)}") from error


@contextmanager
def _by_value(function: Any) -> Iterator[None]:
    """Let a function take along what it uses of its own module, unless that is installed.

    A module of a test or a script may be known here by a name that no other process can import.
    """
    import cloudpickle

    module = sys.modules.get(getattr(function, "__module__", None) or "")
    known = cloudpickle.list_registry_pickle_by_value()
    if module is None or not is_own(module) or module.__name__ in known:
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
    if not isinstance(file, str) or module.__name__ in (SESSION, "daskbench"):
        return False
    top = module.__name__.partition(".")[0]
    return top not in sys.stdlib_module_names and not any(part in file for part in _INSTALLED)
