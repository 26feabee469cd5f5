"""Names of users' own work: ``FILE.py:NAME``, ``package.module:NAME``, or a script, ``FILE.py``.

A function of a session, which no other process can import, is ``FILE.pickle:NAME``.
"""

import inspect
import re
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from daskbench.benchmarks import pickled, users
from daskbench.errors import UsageError, nearest

_MODULE = re.compile(r"(?P<place>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<name>[^\W\d][\w.]*)")

_FILES = (".py", pickled.SUFFIX)


class Target(NamedTuple):
    """A name in a file, or in a module that can be imported.

    `name` may be dotted, as in ``Pipeline.build``; without it, the file is a script.
    """

    place: str
    name: str

    @property
    def file(self) -> Path | None:
        """The file; None if a module is named."""
        return Path(self.place) if self.place.endswith(_FILES) else None

    @property
    def shown(self) -> str:
        """What messages call it: the file of a function of a session tells nothing."""
        return self.name if self.place.endswith(pickled.SUFFIX) else str(self)

    @property
    def is_script(self) -> bool:
        """Whether the whole file is the work."""
        return not self.name

    def __str__(self) -> str:
        return f"{self.place}:{self.name}" if self.name else self.place


class Found(NamedTuple):
    """What a target names: `thing`, in the class or module `home` of the module `module`."""

    thing: Any
    home: Any
    module: ModuleType


def target_of(benchmark: str) -> Target | None:
    """Return the target that a benchmark's name is; None for a built-in benchmark.

    Raises UsageError if the name of the function or class is missing.
    """
    if "\0" in benchmark:
        raise UsageError("the name of a benchmark contains NUL")
    file, _, name = benchmark.rpartition(":")
    if file.endswith(_FILES) and name:
        return Target(file, name)
    if benchmark.endswith(".py"):
        return Target(benchmark, "")
    if file.endswith(".py"):
        raise UsageError(f"{benchmark} names no function or class; write {file}:NAME")
    if ".py:" in benchmark:
        raise UsageError(
            f"{benchmark} has too many colons; write FILE.py:NAME, and FILE.py:CLASS.NAME for a "
            "method"
        )
    found = _MODULE.fullmatch(benchmark)
    return Target(found["place"], found["name"]) if found else None


def mistaken(name: str) -> str | None:
    """Return why a name of something that is there can't be measured; None if nothing is there."""
    if name in ("", "-"):
        return f"{'nothing is read from stdin' if name else 'it is empty'}; write FILE.py:NAME"
    path = Path(name)
    with suppress(OSError, ValueError):  # an impossible path
        if path.suffix == ".ipynb" and path.is_file():
            return "that is a notebook; measure a cell of it by %%daskbench"
        if path.is_dir():
            return "that is a folder; name a function in one of its files, as in FILE.py:NAME"
        if path.is_file():
            return "that is not a Python file, whose name ends in .py"
        if path.with_name(f"{path.name}.py").is_file():
            return f"did you mean '{name}.py:NAME'?"
    return None


def _load(target: Target) -> ModuleType:
    if file := target.file:
        return pickled.load(file) if file.suffix == pickled.SUFFIX else users.load(file)
    try:
        return users.load_module(target.place)
    except UsageError as error:
        if why := mistaken(target.place) if Path(target.place).is_file() else None:
            raise UsageError(f"there is no module {target.place}: {why}") from error
        raise


def find(target: Target) -> Found:
    """Import the file or module, and look up the name there.

    Raises UsageError, whatever importing it does.
    """
    module = _load(target)
    home: Any = module
    thing: Any = module
    for part in target.name.split("."):
        home = thing
        try:
            thing = getattr(home, part)
        except Exception as error:
            raise UsageError(_missing(target, home, part)) from error
    return Found(thing, home, module)


def _missing(target: Target, home: Any, part: str) -> str:
    where = target.place if inspect.ismodule(home) else f"{target.place}: {_name_of(home)}"
    names = [
        name
        for name, value in list(getattr(home, "__dict__", {}).items())
        if callable(value) and not name.startswith("_")
    ]
    hint = f": {nearest(part, names)}" if names else ""
    return f"{where} has no function or class '{part}'{hint}"


def _name_of(home: Any) -> str:
    return str(getattr(home, "__name__", type(home).__name__))
