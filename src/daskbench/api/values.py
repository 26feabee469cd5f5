"""Python's values as the words of options, so that both are parsed alike."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from daskbench.asking import subject
from daskbench.config import KEYS, option_name, parameter_key
from daskbench.errors import UsageError, nearest


def values_of(benchmark: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options and parameters by the names of their keys, parsed; None is not given.

    Raises UsageError, which names the argument.
    """
    parameters = {option_name(name): name for name in subject(benchmark).parameters}
    keys = {
        name: parameter_key(subject(benchmark).parameters[own]) for name, own in parameters.items()
    }
    found = {}
    for name, value in given.items():
        option = option_name(name)
        key = KEYS.get(option) or keys.get(option)
        if key is None:
            known = [word.replace("-", "_") for word in (*parameters, *KEYS)]
            raise UsageError(f"no argument '{name}': {nearest(name, known)}")
        if value is None and option in KEYS:
            continue
        try:
            found[option] = key.read(value if option in KEYS else written(value))
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from error
    return found


def written(value: Any) -> Any:
    """Return a value of a parameter as the word for it; a list of them sweeps it."""
    if isinstance(value, list | range):
        return [written(one) for one in value]
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return value
