"""Make two sides from the values given for each, and measure every case of a suite on both."""

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from daskbench import vault
from daskbench.config.keys import THRESHOLDS
from daskbench.errors import UsageError
from daskbench.keywords import Options, variable_of
from daskbench.model import Side, Suite
from daskbench.paths import check_text, usable
from daskbench.secrecy import Digest, comparable

_TEMPORARY = "each lane gets its own temporary folder; set TMPDIR for both sides"
#: Keys of Dask's configuration that lanes set themselves.
_OURS = {
    "temporary-directory": _TEMPORARY,
    "distributed.scheduler.worker-ttl": "daskbench turns it off: frozen workers send no heartbeats",
}
_VARIABLES = {
    **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), _TEMPORARY),
    **{variable_of(key): why for key, why in _OURS.items()},
}
_MEMORY = "distributed.worker.memory."


def make_sides(
    pythons: Sequence[str],
    env: tuple[Sequence[str], Sequence[str]],
    config: tuple[Sequence[str], Sequence[str]],
    cluster: tuple[Options, Options],
    digest: Digest,
) -> tuple[Side, Side]:
    """Return sides A and B. A single interpreter is that of B, and A has daskbench's own.

    The sides hold digests of values that look secret; `daskbench.vault` holds the values.
    Raises UsageError if a side is invalid, or the sides do not differ.
    """
    if len(pythons) > 2:
        raise UsageError(
            f"--python is given {len(pythons)} times; give it at most twice, for A and B"
        )
    paths = [None] * (2 - len(pythons)) + [_interpreter(path) for path in pythons]
    a, b = (
        Side(
            name,
            path,
            _variables(name, env[i], digest),
            _configuration(name, config[i], digest),
            cluster=cluster[i],
        )
        for i, (name, path) in enumerate(zip("AB", paths, strict=True))
    )
    if _whole(a) == _whole(b):
        raise UsageError(
            "A and B are the same; say how they differ with --python, --env-a, --env-b, "
            "--config-a, --config-b, --cluster-option-a or --cluster-option-b ('daskbench "
            "calibrate' compares two sides that are the same)"
        )
    return a, b


def _whole(side: Side) -> Side:
    return msgspec.structs.replace(side.alike, python=side.python or sys.executable)


def _interpreter(path: str) -> str:
    """Return the absolute path without resolving links: a venv's interpreter is a link."""
    if usable(check_text(path)).is_dir():
        inside = Path(path) / "bin" / "python"
        hint = f"; did you mean {inside}?" if inside.exists() else ""
        raise UsageError(f"--python {path} is a folder{hint}")
    if found := shutil.which(path):
        return os.path.abspath(found)  # noqa: PTH100 -- Path.resolve() follows links
    why = "is not executable" if Path(path).exists() else "does not exist"
    raise UsageError(f"--python {path} {why}; name an interpreter, e.g. venv/bin/python")


def _pairs(option: str, words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = check_text(word).partition("=")
        if not (key and equals):
            raise UsageError(f"{option} {word}: write KEY=VALUE")
        if key in found:
            raise UsageError(f"{option} is given twice for {key}; give it once")
        found[key] = value
    return found


def _variables(side: str, words: Sequence[str], digest: Digest) -> dict[str, str]:
    option = f"--env-{side.lower()}"
    found = _pairs(option, words)
    for name in found:
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise UsageError(f"{option} {name}: not a valid name of a variable")
        if name.startswith("DASKBENCH_"):
            raise UsageError(
                f"{option} {name}: reserved for communication between daskbench and its lanes"
            )
        if name in _VARIABLES:
            raise UsageError(f"{option} {name}: {_VARIABLES[name]}")
    return _hidden(found, digest)


def _hidden(values: Mapping[str, str], digest: Digest) -> dict[str, str]:
    """Return the values in a form that may be shown and written."""
    return {name: vault.hide(name, value, digest) for name, value in values.items()}


def _configuration(side: str, words: Sequence[str], digest: Digest) -> dict[str, str]:
    option = f"--config-{side.lower()}"
    given = _pairs(option, words)
    for key in given:
        if key != key.lower():
            raise UsageError(
                f"{option} {key}: Dask reads keys from the environment in lower case; for a "
                f"variable of workers use --env-{side.lower()} NAME=VALUE"
            )
        if why := _OURS.get(key.replace("_", "-")):
            raise UsageError(f"{option} {key}: {why}")
    return _hidden(given, digest)


def supply(
    sides: Sequence[Side],
    env: tuple[Sequence[str], Sequence[str]],
    config: tuple[Sequence[str], Sequence[str]],
    digest: Digest,
) -> None:
    """Take the secret values of which the sides of a journal hold only digests.

    Raises UsageError if one is missing, or is not the value that was measured.
    """
    given = {
        (f"--{kind}-{name.lower()}", key): value
        for kind, both in (("env", env), ("config", config))
        for name, words in zip("AB", both, strict=True)
        for key, value in _pairs(f"--{kind}-{name.lower()}", words).items()
    }
    for side in {side.name: side for side in sides}.values():
        for kind, values in (("env", side.env), ("config", side.config)):
            for key, text in values.items():
                if vault.is_hidden(text):
                    option = f"--{kind}-{side.name.lower()}"
                    _take(option, key, text, given.pop((option, key), None), digest)
    for option, key in given:
        raise UsageError(
            f"{option} {key}: not needed; the run did not set it, or the journal holds its value"
        )


def _take(option: str, key: str, text: str, value: str | None, digest: Digest) -> None:
    if value is None:
        raise UsageError(
            f"the value of {key} looks secret, so the journal holds only its digest; supply it "
            f"again with {option} {key}=VALUE"
        )
    found = vault.hide(key, value, digest)
    if found != text and comparable(found, text):
        raise UsageError(f"{option} {key}: not the value that was measured")
    vault.keep(text, value)


def check_shared(sides: Sequence[Side], values: Mapping[str, object]) -> None:
    """Refuse thresholds that are given for both sides and for one of them."""
    for side in sides:
        for name in THRESHOLDS:
            key = _MEMORY + ("recent-to-old-time" if name == "recent-to-old" else name)
            if name in values and key in side.config:
                raise UsageError(
                    f"--{name} applies to both sides, and --config-{side.name.lower()} {key} to "
                    "one; give only one of them"
                )


def on_both(suite: Suite, sides: Sequence[Side]) -> Suite:
    """Return the suite with every case on each side, in adjacent rows."""
    cases = [msgspec.structs.replace(case, side=side) for case in suite.cases for side in sides]
    return msgspec.structs.replace(suite, cases=tuple(cases))
