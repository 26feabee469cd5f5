"""The code that lanes import, bundled so that both sides of a comparison run the same code.

Another interpreter may not have daskbench, or may have another release.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

import daskbench

#: What a lane imports of daskbench. Of others it needs no more than Dask does, but for
#: threadpoolctl, which is a single file.
PARTS = (
    "__init__.py",
    "cgroups.py",
    "errors.py",
    "resources.py",
    "secrecy.py",
    "units.py",
    "benchmarks",
    "lane",
)
_COMPILED = shutil.ignore_patterns("__pycache__")


def pack(folder: Path) -> Path:
    """Copy what lanes import into a folder in `folder`, once, and return its path.

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
