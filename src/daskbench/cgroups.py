"""The control groups of this process, from its own to the outermost visible one.

Sources: cgroups(7), proc(5) on ``/proc/self/cgroup`` and ``/proc/self/mountinfo``, and the kernel's
Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst. Lanes use this too: standard library only.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from socket import gethostname
from typing import NamedTuple

ROOT = Path("/")


class Cgroup(NamedTuple):
    """One group of a hierarchy: its name, and the folder with its files."""

    name: str
    folder: Path
    version: int

    def text(self, file: str) -> str:
        """Return a file's content; empty if it is missing or unreadable."""
        with suppress(OSError):
            return (self.folder / file).read_text()
        return ""

    def number(self, file: str) -> int | None:
        """Return the number in a file; None if there is none, or it is ``max``."""
        with suppress(ValueError):
            return int(self.text(file))
        return None

    def field(self, file: str, name: str) -> int | None:
        """Return the number of one field in a flat-keyed file; None if there is none."""
        for line in self.text(file).splitlines():
            found, _, value = line.partition(" ")
            if found == name:
                with suppress(ValueError):
                    return int(value)
        return None

    @property
    def throttled_s(self) -> float:
        """The seconds for which its CPU quota throttled it, so far."""
        if micros := self.field("cpu.stat", "throttled_usec"):  # version 2
            return micros / 1e6
        return (self.field("cpu.stat", "throttled_time") or 0) / 1e9  # version 1

    @property
    def identity(self) -> str:
        """What it is, however many processes of one or of several containers look at it."""
        found = self.folder.stat()
        return f"{gethostname()} {found.st_dev} {found.st_ino}"


class _Mount(NamedTuple):
    top: PurePosixPath
    place: Path
    version: int
    options: frozenset[str]


def own_and_above(controller: str, root: Path = ROOT) -> list[Cgroup]:
    """Return this process's group in the hierarchy of `controller`, then all its ancestors.

    A controller belongs to a single hierarchy: one of version 1 if that names it, otherwise that of
    version 2. A container may hide its outer groups; only visible ones are returned.
    """
    version, path = _membership(controller, root)
    if path is None:
        return []
    found: list[Cgroup] = []
    for mount in _mounts(root):
        if mount.version == version and (version == 2 or controller in mount.options):
            groups = list(_upwards(path, mount))
            found = max(found, groups, key=len)  # the mount that shows the most groups
    return found


def throttled_by_group() -> dict[str, float]:
    """Return the seconds for which CPU quotas throttled each group of this process, so far."""
    return {group.identity: group.throttled_s for group in own_and_above("cpu")}


def _membership(controller: str, root: Path) -> tuple[int, PurePosixPath | None]:
    """Return the version of a controller's hierarchy, and this process's path in it."""
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
    """Yield the existing groups from `path` up to the top of a mount.

    A path that is not below the top belongs to another namespace; the mount is then our own group.
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
    r"""Decode the octal escapes in a path of mountinfo, such as ``\040`` for a space."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
