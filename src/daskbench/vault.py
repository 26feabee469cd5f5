"""Secrets that this process was given, by the text that stands for each wherever it is shown.

A plan, and all that is made of it, holds these texts alone; only a lane's own environment has more.
"""

from collections.abc import Mapping

from daskbench.errors import UsageError
from daskbench.secrecy import Digest, concealed

_MARK = "(secret"
_values: dict[str, str] = {}


def hide(name: str, value: str, digest: Digest) -> str:
    """Return the text to show instead of a value: the value itself where it looks harmless."""
    text = concealed(name, value, digest)
    if text != value:
        keep(text, value)
    return text


def keep(text: str, value: str) -> None:
    """Know the value that a text stands for."""
    _values[text] = value


def is_hidden(text: str) -> bool:
    """Tell whether a text stands for something else."""
    return _MARK in text


def revealed(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values themselves. Raises UsageError where one is not known here."""
    for name, text in values.items():
        if is_hidden(text) and text not in _values:
            raise UsageError(f"the value of {name} is unknown: the journal holds only its digest")
    return {name: _values.get(text, text) for name, text in values.items()}
