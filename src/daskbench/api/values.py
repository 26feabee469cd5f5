"""Python's values as the words of options, so that both are parsed alike."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from daskbench.config import Key, option_name, parameter_key, usable_parameters
from daskbench.errors import UsageError, nearest


def values_of(benchmark: str, given: Mapping[str, Any], keys: Mapping[str, Key]) -> dict[str, Any]:
    """Return options and parameters by the names of their keys, parsed; None is not given.

    Raises UsageError, which names the argument.
    """
    own = {option_name(name): one for name, one in usable_parameters(benchmark).items()}
    found = {}
    for name, value in given.items():
        option = option_name(name)
        if option not in keys and option not in own:
            known = [word.replace("-", "_") for word in (*own, *keys)]
            raise UsageError(f"no argument '{name}': {nearest(name, known)}")
        if option in own:
            values = value if isinstance(value, list | range) else [value]
            found[option] = _read(name, parameter_key(own[option]), [*map(written, values)])
        elif value is not None:
            found[option] = _read(name, keys[option], value)
    return found


def _read(name: str, key: Key, value: Any) -> Any:
    try:
        return key.read(value)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from error


def written(value: Any) -> Any:
    """Return a value of a parameter as the word for it."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return value
