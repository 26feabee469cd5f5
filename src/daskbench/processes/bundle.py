"""The bundle of code that lanes import, the same for both sides of a comparison.

Another interpreter may lack daskbench, or have another release.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

import daskbench

#: The parts of daskbench that lanes import. Their only dependency besides Dask's is threadpoolctl.
PARTS = (
    "__init__.py",
    "cgroups.py",
    "errors.py",
    "ranks.py",
    "resources.py",
    "secrecy.py",
    "units.py",
    "benchmarks",
    "lane",
)
_COMPILED = shutil.ignore_patterns("__pycache__")


def pack(folder: Path) -> Path:
    """Copy what lanes import to ``folder/bundle``, unless it exists; return its path.

    Raises OSError.
    """
    packed, half = folder / "bundle", folder / "bundle-packing"
    if packed.exists():
        return packed
    source = Path(daskbench.__file__).parent
    target = half / source.name
    target.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        _copy(source / part, target / part)
    if (spec := find_spec("threadpoolctl")) and spec.origin:
        _copy(Path(spec.origin), half / "threadpoolctl.py")
    return half.replace(packed)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_COMPILED, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
