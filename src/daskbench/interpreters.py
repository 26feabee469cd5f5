"""Checks of both sides' interpreters before anything slow: versions, packages, Dask's keys."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from daskbench import vault
from daskbench.errors import UsageError, nearest
from daskbench.model import Side

#: The oldest versions on which lanes run; Python 3.11 is the first with -P.
LEAST = {"python": (3, 11), "numpy": (1, 26), "dask": (2025, 1), "distributed": (2025, 1)}
_PATIENCE_S = 60.0
_CONFIGURATION = "https://docs.dask.org/en/stable/configuration.html"
#: Must run on any Python, however old: so not with -P, but the working folder is removed from
#: sys.path before any other import. Its arguments are the source of a module that validates values
#: of Dask's configuration, and these values.
_QUESTION = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import json, platform, sysconfig
complaints = {}
free = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
versions, broken, keys = {"python": platform.python_version() + free}, {}, []
for name in ("numpy", "dask", "distributed"):
    try:
        versions[name] = str(__import__(name).__version__)
    except Exception as error:
        broken[name] = "%s: %s" % (type(error).__name__, error)
def walk(tree, before=""):
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            walk(value, before + key + ".")
        else:
            keys.append(before + key)
if "dask" in versions:
    import dask.config
    for tree in dask.config.defaults:
        walk(tree)
    try:
        judge = {"__name__": "schema"}
        exec(sys.argv[1], judge)
        keys += judge["known"]()
        for key, value in json.loads(sys.argv[2]).items():
            complaints[key] = judge["complaint"](key, value)
    except SyntaxError:
        pass
print(json.dumps([versions, broken, keys, complaints]))
"""
_JUDGE = Path(__file__).with_name("lane") / "probes" / "schema.py"


@dataclass(frozen=True)
class Found:
    """What an interpreter has: versions, import errors by package, and the keys Dask knows.

    `complaints` maps keys of the side's configuration to the values expected, if they are invalid.
    """

    versions: Mapping[str, str]
    broken: Mapping[str, str]
    keys: Sequence[str]
    complaints: Mapping[str, str] = field(default_factory=dict)


def look(side: Side) -> Found:
    """Query a side's interpreter in its environment. Raises UsageError if it can't be used."""
    config = json.dumps(vault.revealed(side.config))
    try:
        done = subprocess.run(
            [side.python or sys.executable, "-c", _QUESTION, _JUDGE.read_text("utf-8"), config],
            env={**os.environ, **vault.revealed(side.variables)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
        return Found(*json.loads(done.stdout.splitlines()[-1]))
    except OSError as error:
        raise UsageError(f"{_name(side)} can't be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(
            f"{_name(side)} did not report its versions within {_PATIENCE_S:g} s: is it Python?"
        ) from error
    except (IndexError, TypeError, ValueError) as error:
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise UsageError(f"{_name(side)} can't be used as Python: {said}") from error


def check(side: Side, found: Found, *, needs_distributed: bool) -> None:
    """Raise UsageError if lanes can't run on an interpreter, or its Dask does not know a key."""
    for key, wants in found.complaints.items():
        if wants:
            raise UsageError(
                f"--config-{side.name.lower()} {key}={side.config[key]}: dask "
                f"{found.versions['dask']} expects {wants}"
            )
    for name, least in LEAST.items():
        if name == "distributed" and not needs_distributed:
            continue
        if name in found.broken:
            raise UsageError(_lacking(side, name, found.broken[name]))
        if _release(found.versions[name]) < least:
            oldest = ".".join(map(str, least))
            raise UsageError(
                f"{_name(side)} has {name} {found.versions[name]}, but lanes need {oldest} or newer"
            )
    known = [key.replace("_", "-") for key in found.keys]
    for key in side.config:
        if (canonical := key.replace("_", "-")) not in known:
            raise UsageError(
                f"--config-{side.name.lower()} {key}: dask {found.versions['dask']} has no such "
                f"key; {_hint(canonical, known)}"
            )


def _hint(key: str, known: Sequence[str]) -> str:
    """Return a hint with the nearest key, or with the full name of a key without its sections."""
    if whole := [name for name in known if name.endswith(f".{key}")]:
        return f"did you mean '{whole[0]}'?"
    hint = nearest(key, known)
    return hint if hint.startswith("did") else f"{_CONFIGURATION} lists them"


def _lacking(side: Side, name: str, why: str) -> str:
    package = {"dask": "dask[array]", "distributed": "dask[distributed]"}.get(name, name)
    python = side.python or sys.executable
    if why.startswith("ModuleNotFoundError") and why.endswith(f"'{name}'"):
        return f"{_name(side)} has no {name}; try {python} -m pip install '{package}'"
    return f"{_name(side)} can't import {name}: {why}"


def changes(side: Side) -> list[str]:
    """Describe which versions differ from those recorded for the side."""
    found = look(side).versions if side.versions else {}
    return [
        f"{name} of {side.name} was {version}, is {found.get(name, 'missing')}"
        for name, version in side.versions.items()
        if found.get(name) != version
    ]


def _name(side: Side) -> str:
    return f"{side.name} ({side.python or sys.executable})"


def _release(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
