"""The secrets given to this process, by the digest that is shown in place of each.

Plans and journals hold only digests; the secrets themselves go only into a lane's environment.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from daskbench.errors import UsageError
from daskbench.secrecy import Digest, concealed, looks_secret

_MARK = "(secret"
#: Shorter texts may be in any message by chance.
_SHORTEST = 4
_values: dict[str, Any] = {}


def hide(name: str, value: str, digest: Digest) -> str:
    """Return the text to show for a value: the value itself, unless it looks secret."""
    text = concealed(name, value, digest)
    if text != value:
        keep(text, value)
    return text


def hide_within(name: str, value: Any, digest: Digest) -> Any:
    """Return a value with the secrets in it hidden: all in a table whose name looks secret.

    Names of files are no secrets.
    """
    if isinstance(value, Mapping):
        table = name if looks_secret(name) else ""
        return {key: hide_within(table or key, one, digest) for key, one in value.items()}
    if isinstance(value, list):
        return [hide_within(name, one, digest) for one in value]
    if looks_secret(name) and isinstance(value, int | float) and not isinstance(value, bool):
        text = digest(str(value))
        keep(text, value)
        return text
    if not isinstance(value, str) or _is_file(value):
        return value
    return hide(name, value, digest)


def _is_file(value: str) -> bool:
    """Whether a text, which may be anything, is the path of a file."""
    with suppress(OSError, RuntimeError):  # too long, or of an unknown user
        return Path(value).expanduser().is_file()
    return False


def keep(text: str, value: Any) -> None:
    """Remember the value that a text stands for."""
    _values[text] = value


def without_secrets(text: str) -> str:
    """Return a text with what it quotes of the secrets given to this process replaced."""
    shown = {str(value): text for text, value in _values.items()}
    found = sorted((one for one in shown if len(one) >= _SHORTEST), key=len, reverse=True)
    if not found:
        return text
    return re.sub("|".join(map(re.escape, found)), lambda one: shown[one.group()], text)


def is_hidden(text: str) -> bool:
    """Whether a text stands for a secret."""
    return _MARK in text


def revealed(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values with their secrets. Raises UsageError if one is not known here."""
    for name, text in values.items():
        if is_hidden(text) and text not in _values:
            raise UsageError(f"the value of {name} is unknown: the journal holds only its digest")
    return {name: _values.get(text, text) for name, text in values.items()}


def revealed_within(value: Any) -> Any:
    """Return a value with the secrets in its lists and mappings, as far as they are known."""
    if isinstance(value, Mapping):
        return {key: revealed_within(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [revealed_within(inside) for inside in value]
    return _values.get(value, value) if isinstance(value, str) else value


def unknown_within(value: Any, name: str = "") -> str | None:
    """Return the name of a secret in lists and mappings that is not known here; None without."""
    if isinstance(value, Mapping):
        found = (unknown_within(inside, str(key)) for key, inside in value.items())
        return next(filter(None, found), None)
    if isinstance(value, list | tuple):
        return next(filter(None, (unknown_within(inside, name) for inside in value)), None)
    return name if isinstance(value, str) and is_hidden(value) and value not in _values else None
