"""The control groups of this process, from its own to the outermost that can be seen.

Sources: cgroups(7), proc(5) on ``/proc/self/cgroup`` and ``/proc/self/mountinfo``, and the kernel's
Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst. Lanes need this too: standard library only.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path("/")


class Cgroup(NamedTuple):
    """One group of a hierarchy: its name there, and the folder in which its files are."""

    name: str
    folder: Path
    version: int

    def text(self, file: str) -> str:
        """Return what a file says; empty where it is not there, or not ours to read."""
        with suppress(OSError):
            return (self.folder / file).read_text()
        return ""

    def number(self, file: str) -> int | None:
        """Return the number in a file; None where there is none, or it says ``max``."""
        with suppress(ValueError):
            return int(self.text(file))
        return None

    def field(self, file: str, name: str) -> int | None:
        """Return one number of a file of names and numbers."""
        for line in self.text(file).splitlines():
            found, _, value = line.partition(" ")
            if found == name:
                with suppress(ValueError):
                    return int(value)
        return None


class _Mount(NamedTuple):
    top: PurePosixPath
    place: Path
    version: int
    options: frozenset[str]


def own_and_above(controller: str, root: Path = ROOT) -> list[Cgroup]:
    """Return the group of this process that `controller` limits, then all above it.

    A controller is in one hierarchy alone: in one of version 1, where that names it, or else in
    that of version 2. In a container the groups outside may be hidden; what is seen is returned.
    """
    version, path = _membership(controller, root)
    if path is None:
        return []
    found: list[Cgroup] = []
    for mount in _mounts(root):
        if mount.version == version and (version == 2 or controller in mount.options):
            groups = list(_upwards(path, mount))
            found = max(found, groups, key=len)  # the mount that shows most of them
    return found


def _membership(controller: str, root: Path) -> tuple[int, PurePosixPath | None]:
    """Return the version of the hierarchy that a controller is in, and our path in it."""
    unified = None
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if controller in names.split(","):
            return 1, PurePosixPath(path)
        if number == "0" and not names:
            unified = PurePosixPath(path)
    return 2, unified


def _mounts(root: Path) -> Iterator[_Mount]:
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        version = {"cgroup": 1, "cgroup2": 2}.get(kind[0])
        if version and len(fields) > 4 and len(kind) > 2:
            top, place = _unescaped(fields[3]), _unescaped(fields[4])
            options = frozenset(kind[2].split(","))
            yield _Mount(PurePosixPath(top), root / place.lstrip("/"), version, options)


def _upwards(path: PurePosixPath, mount: _Mount) -> Iterator[Cgroup]:
    """Yield the groups from `path` to the top of a mount that are there.

    A path that is not below the top is that of another namespace: what is mounted is then ours.
    """
    inside = path.is_relative_to(mount.top) and ".." not in path.parts
    below = path.relative_to(mount.top) if inside else PurePosixPath()
    for part in (below, *below.parents):
        if (folder := mount.place / part).is_dir():
            yield Cgroup(str(mount.top / part), folder, mount.version)


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text(errors="replace").splitlines()
    return []


def _unescaped(text: str) -> str:
    r"""Return a path of mountinfo, where a blank is ``\040``."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
