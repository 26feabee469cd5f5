"""Full names of targets, valid wherever a run is read or resumed."""

from contextlib import suppress
from pathlib import Path

from daskbench.benchmarks.targets import Target, target_of
from daskbench.paths import usable


def whole_target(benchmark: str, folder: Path) -> str:
    """Return a target with the full path of its file; the names of built-in benchmarks unchanged.

    A relative path, or a module that is there, is in `folder`. Other modules keep their names, so
    that each interpreter imports its own.
    """
    target = target_of(benchmark)
    if target is None:
        return benchmark
    place = target.place if target.file else _file_of_module(target.place, folder)
    if place is None:
        return benchmark
    return str(Target(str(usable(str(folder / place)).resolve()), target.name))


def _file_of_module(name: str, folder: Path) -> str | None:
    path = "/".join(name.split("."))
    with suppress(OSError):
        for place in (f"{path}.py", f"{path}/__init__.py"):
            if (folder / place).is_file():
                return place
    return None
