"""Import of users' files, under a name that also works in the processes they start.

Functions and classes are pickled by their module's name. So a file is imported as a script beside
it would import it: ``mine.py`` as ``mine``, one in a package as ``package.mine``. Spawned processes
get `sys.path` from their parent. A name that is already taken, such as that of ``platform.py``, is
replaced by an alias: a stub in a temporary folder, which runs the file.

Source: https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled
"""

import atexit
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from traceback import walk_tb
from types import CodeType, ModuleType

from daskbench.errors import UsageError, close

#: Prefix of aliases.
ALIAS = "daskbench_users_own_"
_MODULE = """__file__ = {file}
exec(compile(__import__("pathlib").Path(__file__).read_bytes(), __file__, "exec"))
"""
_PACKAGE = "__path__ = [{folder}]\n" + _MODULE

#: How many lines of a user's files an error message names.
_MOST_FRAMES = 3

#: The imported modules by file, and the folders they came from.
_loaded: dict[Path, ModuleType] = {}
_folders: dict[str, None] = {}


def load(path: Path) -> ModuleType:
    """Import a user's file. Raises UsageError, whatever importing it does."""
    whole = _file(path)
    if whole not in _loaded:
        folder, parts = _name_of(whole)
        _folders[str(folder)] = None
        for entry in (folder, whole.parent):
            _add_to_path(entry)
        try:
            _loaded[whole] = _import(whole, folder, parts)
        except BaseException as error:
            raise UsageError(f"{path} can't be loaded: {error_text(error)}") from error
    return _loaded[whole]


def _file(path: Path) -> Path:
    try:
        whole = path.resolve()
        if whole.is_file():
            return whole
    except (OSError, ValueError, RuntimeError) as error:  # an impossible name, or a loop of links
        raise UsageError(f"there is no file {path}") from error
    hint = close(path.name, [one.name for one in path.parent.glob("*.py")])
    raise UsageError(f"there is no file {path}{f': {hint}' if hint else ''}")


def check_script(path: Path) -> Path:
    """Return the full path of a script that can be compiled; its folder is added to `sys.path`.

    Raises UsageError if it can't be.
    """
    whole = _file(path)
    try:
        compile(whole.read_bytes(), str(path), "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError) as error:
        raise UsageError(f"{path} can't be run: {error_text(error)}") from error
    _folders[str(whole.parent)] = None
    _add_to_path(whole.parent)
    return whole


def load_module(name: str) -> ModuleType:
    """Import a module by its name. Raises UsageError, whatever importing it does."""
    try:
        return importlib.import_module(name)
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and _is_part(error.name, name):
            raise UsageError(
                f"there is no module {name}: install it, start daskbench in the folder it is in, "
                "or name its file, as in FILE.py:NAME"
            ) from error
        raise UsageError(f"{name} can't be loaded: {error_text(error)}") from error


def _is_part(missing: str | None, name: str) -> bool:
    """Whether a missing module is `name`, or a package that it is in."""
    return f"{name}.".startswith(f"{missing}.")


def is_users(module: str) -> bool:
    """Whether a module is a user's own, or was imported from beside one."""
    return module in {loaded.__name__ for loaded in _loaded.values()} | {*beside()}


def beside() -> Iterator[str]:
    """Yield the names of all modules that were imported from users' folders."""
    for name in list(sys.modules):
        top = name.partition(".")[0]
        file = Path(getattr(sys.modules.get(top), "__file__", None) or "none")
        folder = file.parent.parent if file.name == "__init__.py" else file.parent
        if str(folder) in _folders and top not in ("__main__", "daskbench"):
            yield name


def _name_of(path: Path) -> tuple[Path, list[str]]:
    """Return the folder from which a file is imported, and the parts of its name there."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and "." not in folder.name and folder.name:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, parts or [path.stem]


def _add_to_path(folder: Path) -> None:
    """Append a folder to `sys.path`, so that a ``platform.py`` in it does not shadow Python's."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    importlib.invalidate_caches()


def _import(path: Path, folder: Path, parts: list[str]) -> ModuleType:
    top, *others = parts
    file = folder / top / "__init__.py" if others else path
    if not _is_free(top, file):
        top = _make_alias(top, file)
    return importlib.import_module(".".join([top, *others]))


def _is_free(name: str, file: Path) -> bool:
    """Whether `name` imports this very file, here and in spawned processes."""
    if "." in name or name in sys.stdlib_module_names:
        return False
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # a module without a spec, such as __main__
        return False
    return spec is not None and spec.origin is not None and Path(spec.origin).resolve() == file


def _make_alias(name: str, file: Path) -> str:
    """Write a stub module or package that runs `file`, and return its name."""
    readable = "".join(letter if letter.isalnum() else "_" for letter in name)
    alias = f"{ALIAS}{readable}_{sha256(os.fsencode(file)).hexdigest()[:8]}"
    stub = _aliases() / f"{alias}.py"
    if file.name == "__init__.py":
        stub = _aliases() / alias / "__init__.py"
        stub.parent.mkdir(exist_ok=True)
    text = _PACKAGE if file.name == "__init__.py" else _MODULE
    stub.write_text(text.format(file=ascii(str(file)), folder=ascii(str(file.parent))))
    _add_to_path(_aliases())
    return alias


@cache
def _aliases() -> Path:
    """Return the folder of the stubs; a lane's is removed with its temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="daskbench-aliases-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def error_text(error: BaseException) -> str:
    """Describe in one line what was raised, and where in a user's file."""
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = "its message can't be read"
    return with_place(f"{type(error).__name__}: {text or 'no message'}", error)


def with_place(what: str, error: BaseException) -> str:
    """Append where in a user's file an error came from, unless `what` already says so."""
    place = place_of(error)
    return f"{what} ({place})" if place and f"({place})" not in what else what


def place_of(error: BaseException | None) -> str | None:
    """Return the last lines of a user's file in the traceback of an error or of its cause."""
    while error is not None:
        own = [
            _line_of(frame.f_code, number)
            for frame, number in walk_tb(error.__traceback__)
            if _is_own(frame.f_code.co_filename)
        ]
        if own:
            return ", from ".join([*dict.fromkeys(reversed(own))][:_MOST_FRAMES])
        error = error.__cause__ or error.__context__
    return None


def _line_of(code: CodeType, number: int) -> str:
    where = "" if code.co_name == "<module>" else f" in {code.co_name}"
    return f"{os.path.basename(code.co_filename)}:{number}{where}"  # noqa: PTH119


def _is_own(file: str) -> bool:
    """Whether a file is a user's, and not in a virtual environment within the same folder."""
    folder = next((folder for folder in _folders if file.startswith(folder + os.sep)), None)
    return folder is not None and "site-packages" not in file[len(folder) :]
