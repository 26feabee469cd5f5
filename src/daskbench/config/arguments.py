"""Keyword arguments, as words ``key=value`` or as a table of TOML."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from daskbench.errors import UsageError
from daskbench.keywords import merged
from daskbench.paths import check_text

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_LARGEST = 2**63


def read_options(value: object) -> dict[str, Any]:
    """Read ``key=value``, a list of them, or a table of TOML; dots in keys nest. Raises UsageError.

    A value is JSON if it can be, as in ``cores=4`` or ``hosts=["a", "b"]``, and otherwise a text.

    >>> read_options(["cores=4", "scheduler_options.host=127.0.0.1"])
    {'cores': 4, 'scheduler_options': {'host': '127.0.0.1'}}
    """
    if isinstance(value, list | tuple):
        return merged(*map(read_options, value))
    if isinstance(value, Mapping):
        return merged(*(_nested(str(key), _plain(str(key), one)) for key, one in value.items()))
    key, equals, text = check_text(str(value)).partition("=")
    if not equals:
        raise UsageError(f"{value}: write KEY=VALUE")
    return _nested(key.strip(), _plain(key, _value_of(text)))


def _nested(key: str, value: Any) -> dict[str, Any]:
    first, dot, rest = key.partition(".")
    if not _NAME.fullmatch(first):
        raise UsageError(f"'{key}' is not the name of a keyword argument")
    return {first: _nested(rest, value) if dot else value}


def _value_of(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(word: str) -> None:
    raise ValueError(word)


def _plain(key: str, value: Any) -> Any:
    """Return a value of JSON; raises UsageError for dates, and numbers that are out of range."""
    if isinstance(value, list | tuple):
        return [_plain(key, one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(f"{key}.{name}", one) for name, one in value.items()}
    is_number = isinstance(value, int | float) and math.isfinite(value) and abs(value) < _LARGEST
    if value is None or isinstance(value, bool | str) or is_number:
        return value
    raise UsageError(f"{key}: {value} can't be an option of a cluster; write a text or a number")
