"""A real control group in our own, where root may make one; else the test is skipped."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from daskbench.cgroups import own_and_above

from .tool import wait_for


@contextmanager
def nested(controller: str, limits: dict[int, tuple[str, int]]) -> Iterator[tuple[str, ...]]:
    """Make a group with a limit, by the version of the hierarchy, and a group without one in it.

    What is yielded goes before a command, which then runs in the inner one.
    """
    own = own_and_above(controller)
    if not own or own[0].version not in limits:
        pytest.skip(f"no control group limits {controller} here")
    outer = own[0].folder / f"daskbench-test-{uuid.uuid4().hex[:8]}"
    inner = outer / "inner"
    file, limit = limits[own[0].version]
    try:
        inner.mkdir(parents=True)
        if own[0].version == 2:
            (outer / "cgroup.subtree_control").write_text(f"+{controller}")
        (outer / file).write_text(str(limit))
    except OSError as error:
        _remove(inner, outer)
        pytest.skip(f"no control group can be made here: {error.strerror}")
    try:
        enter = f'echo $$ > "{inner}/cgroup.procs" && exec "$@"'
        yield ("sh", "-c", enter, "sh")
    finally:
        wait_for("the group to be empty", lambda: not (inner / "cgroup.procs").read_text())
        _remove(inner, outer)


def _remove(*folders: Path) -> None:
    for folder in folders:
        with suppress(OSError):
            os.rmdir(folder)  # noqa: PTH106 -- the folder of a group
