"""What is to be measured as a target, which any process can load: a name, or a file of the run."""

import dis
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import dask

from daskbench.benchmarks import pickled
from daskbench.benchmarks.users import error_text
from daskbench.cli.benchmark_options import whole_name
from daskbench.errors import UsageError
from daskbench.journal.store import Store
from daskbench.units import format_bytes

#: More than this is not sent along without being asked for.
MOST_BYTES = 200 << 20
_GLOBALS = {"LOAD_GLOBAL", "LOAD_NAME"}
_MOST_NAMED = 8


class Target(NamedTuple):
    """The name of a benchmark, and what there is to say about what travels with it."""

    name: str
    told: str = ""


@contextmanager
def target_of(
    work: Any, beside: Mapping[str, Any], store: Store, run_id: str, *, force: bool = False
) -> Iterator[Target]:
    """Name a function, or write it to a file of the run, which is removed if nothing came of it.

    Functions `beside` it, such as ``plain``, go into the same file.

    Raises UsageError if it is neither a name, nor a function, nor a Dask collection, or too large.
    """
    if isinstance(work, str):
        if beside:
            raise UsageError(f"{min(beside)} can't be a function if what to measure is a name")
        yield Target(whole_name(work))
    elif not beside and (name := name_of(work)):
        yield Target(name)
    else:
        try:
            store.prepare()
            name = plain_name(work)
            name = f"{name}_" if name in beside else name
            functions = {name: _callable(work), **beside}
            yield _travelling(functions, store.folder_of(run_id), force=force)
        except BaseException:
            store.delete_folder(run_id)
            raise


def name_of(work: Any) -> str | None:
    """Return ``FILE.py:NAME`` for a function or class that is found there by that name."""
    module = sys.modules.get(getattr(work, "__module__", None) or "")
    names = str(getattr(work, "__qualname__", "<none>"))
    if module is None or "<" in names or module.__name__ == "__main__":
        return None
    file = Path(str(getattr(module, "__file__", None)))
    found: Any = module
    for part in names.split("."):
        found = getattr(found, part, None)
    if file.suffix != ".py" or not file.is_file() or found != work:
        return None
    return f"{file.resolve()}:{names}"


def _callable(work: Any) -> Any:
    if dask.is_dask_collection(work):
        return lambda: work
    if callable(work):
        return work
    raise UsageError(
        f"cannot measure a {type(work).__name__}: give a function, a Dask collection, or a name "
        "such as 'FILE.py:NAME'"
    )


def _travelling(functions: Mapping[str, Any], folder: Path, *, force: bool) -> Target:
    """Write functions to a file, and return the target that the first of them is."""
    name = next(iter(functions))
    path = folder / f"{name}{pickled.SUFFIX}"
    names = named(used_by(functions.values()))
    using = f", with {names}" if names else ""
    try:
        folder.mkdir(mode=0o700)
        size = pickled.save(path, functions, float("inf") if force else MOST_BYTES)
    except pickled.TooLarge:
        raise UsageError(
            f"{name} uses more than {format_bytes(MOST_BYTES)}{using}: build or load the data "
            "inside the function, or send them to every lane by force=True or --force"
        ) from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    except Exception as error:
        why = error_text(error)
        raise UsageError(f"{name} can't be sent to another process{using}: {why}") from error
    told = f"{name} takes along {names} ({format_bytes(size)} in all)" if names else ""
    return Target(f"{path.resolve()}:{name}", told)


def plain_name(function: Any) -> str:
    """Return a name for a function that a file can have."""
    name = getattr(function, "__name__", None) or type(function).__name__
    return re.sub(r"\W+", "_", name).strip("_")[:60] or "work"


def named(sizes: dict[str, int]) -> str:
    """Return names with their sizes, the largest first; of code, whose size is 0, the names."""
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    words = [
        f"{name} ({format_bytes(sizes[name])})" if sizes[name] else name
        for name in order[:_MOST_NAMED]
    ]
    more = len(order) - _MOST_NAMED
    return ", ".join([*words, *([f"{more} more"] if more > 0 else [])])


def used_by(functions: Iterable[Any]) -> dict[str, int]:
    """Return the names that functions and their helpers use, with their sizes in bytes, 0 for code.

    Modules, and what can be imported elsewhere, don't travel.
    """
    from dask.sizeof import sizeof

    found: dict[str, Any] = {}
    for function in functions:
        _collect(function, found)
    code = FunctionType, type
    return {name: 0 if isinstance(one, code) else sizeof(one) for name, one in found.items()}


def _collect(function: Any, found: dict[str, Any]) -> None:
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not isinstance(function, FunctionType):
        return
    given = {name: function.__globals__.get(name) for name in _globals_of(function.__code__)}
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, cell in cells:
        with suppress(ValueError):  # it is still empty
            given[name] = cell.cell_contents
    for name, value in given.items():
        if name not in found and value is not None and not _is_elsewhere(value):
            found[name] = value
            _collect(value, found)


def _globals_of(code: CodeType) -> set[str]:
    """Return the global names that code reads, also in functions inside it."""
    names = {one.argval for one in dis.get_instructions(code) if one.opname in _GLOBALS}
    for inner in code.co_consts:
        names |= _globals_of(inner) if isinstance(inner, CodeType) else set()
    return names


def _is_elsewhere(value: Any) -> bool:
    """Whether other processes can import a value."""
    if isinstance(value, ModuleType):
        return True
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if module is None or not hasattr(value, "__qualname__"):
        return False
    return module.__name__ != "__main__" and not pickled.is_own(module)
