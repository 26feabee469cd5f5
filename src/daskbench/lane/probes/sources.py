"""Digests of the measured code: a benchmark's file and the modules it imported."""

import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib.machinery import PathFinder
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any

from daskbench.benchmarks import BENCHMARKS, REFERENCES
from daskbench.benchmarks.targets import target_of

_HEX_DIGITS = 16
#: Folders of installed packages, which are identified by version elsewhere.
_INSTALLED = {"site-packages", "dist-packages"}
_CUSTOM = ("sitecustomize", "usercustomize")


def sources(benchmark: str) -> dict[str, str]:
    """Return the digest of each file, by path relative to the benchmark's folder if inside.

    Includes modules imported so far from that folder and from PYTHONPATH, and
    ``sitecustomize`` and ``usercustomize``.
    """
    own = source_file(benchmark)
    found = {own.name: file_digest(own)}
    for path in sorted({*_beside(own)}):
        inside = path.is_relative_to(own.parent)
        found[str(path.relative_to(own.parent) if inside else path)] = file_digest(path)
    return found


def source_file(benchmark: str) -> Path:
    """Return the file of a benchmark."""
    if target := target_of(benchmark):
        return (target.file or _file_of_module(target.place)).resolve()
    module = (BENCHMARKS | REFERENCES)[benchmark].partition(":")[0]
    return Path(__file__).resolve().parents[3].joinpath(*module.split(".")).with_suffix(".py")


def file_digest(path: Path) -> str:
    """Return the digest of a file's content; empty if unreadable."""
    try:
        return sha256(path.read_bytes()).hexdigest()[:_HEX_DIGITS]
    except OSError:
        return ""


def _beside(own: Path) -> Iterator[Path]:
    ours = Path(__file__).resolve().parents[3]
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    roots = [Path(entry).resolve() for entry in entries if entry]
    if not own.is_relative_to(ours):
        roots.append(own.parent)
    for name, module in list(sys.modules.items()):
        path = _file_of(module)
        if path is None or path == own or path.is_relative_to(ours):
            continue
        custom = name in _CUSTOM and not _ships(module)
        if custom or (_is_free(path) and any(map(path.is_relative_to, roots))):
            yield path


def _file_of_module(name: str) -> Path:
    """Return the file of a module, found without importing it; one that does not exist if none."""
    if (module := sys.modules.get(name)) and (file := _file_of(module)):
        return file
    places: Any = None
    for part in accumulate(name.split("."), "{}.{}".format):
        spec = PathFinder.find_spec(part, places)
        places = spec.submodule_search_locations if spec else []
    return Path(spec.origin if spec and spec.origin else f"{name}.py")


def _ships(module: ModuleType) -> bool:
    """Whether a module is in Python's standard library, even as a link (Debian has one)."""
    return Path(str(module.__file__)).is_relative_to(Path(os.__file__).parent)


def _is_free(path: Path) -> bool:
    """Whether a file belongs neither to an installed package nor to Python."""
    installed = _INSTALLED & set(path.parts)
    return not installed and not path.is_relative_to(Path(os.__file__).resolve().parent)


def _file_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if isinstance(file, str) else None
