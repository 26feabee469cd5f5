"""Parameters of a function: its keyword parameters with defaults."""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from daskbench.benchmarks.base import Parameter
from daskbench.benchmarks.declared import problem_of_value
from daskbench.benchmarks.work.docstrings import helps_of
from daskbench.benchmarks.work.kinds import kind_of
from daskbench.errors import UsageError

_EMPTY = inspect.Parameter.empty
_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Argument:
    """A parameter of a function, and how a value of an option becomes the function's own."""

    parameter: Parameter
    value: Callable[[Any], Any]


def signature_of(name: str, function: Any) -> inspect.Signature:
    """Return a function's signature, an empty one if it can't be read.

    Raises UsageError if a parameter has no default.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C
        return inspect.Signature()
    for key, parameter in signature.parameters.items():
        if parameter.default is _EMPTY and parameter.kind not in _STARS:
            raise UsageError(
                f"{name}: its parameter '{key}' has no default; give it one, as in "
                f"def {getattr(function, '__name__', 'build')}({key}=...)"
            )
    return signature


def arguments_of(name: str, function: Any) -> dict[str, Argument]:
    """Return the parameters of a function that can be options, by name.

    Raises UsageError if a parameter has no default.
    """
    signature = signature_of(name, function)
    helps, hints = helps_of(_doc(function)), _hints(function)
    found = {}
    for key, parameter in signature.parameters.items():
        if parameter.kind in _STARS or key.startswith("_"):
            continue
        annotation = hints.get(key, parameter.annotation)
        if argument := _argument(annotation, parameter.default, helps.get(key, "")):
            found[key] = argument
    return found


def defaults_of(name: str, function: Any) -> dict[str, Any]:
    """Return the defaults of all parameters of a function, by name."""
    parameters = signature_of(name, function).parameters.items()
    return {key: one.default for key, one in parameters if one.kind not in _STARS}


def called_with(
    signature: inspect.Signature, values: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the positional and keyword arguments of a call with these values.

    Only values that the signature has are passed.
    """
    args, kwargs = [], {}
    takes_all = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in signature.parameters.values())
    for key, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            args.append(values.get(key, parameter.default))
        elif parameter.kind not in _STARS and key in values:
            kwargs[key] = values[key]
    if takes_all:
        kwargs |= {key: value for key, value in values.items() if key not in signature.parameters}
    return args, kwargs


def _doc(function: Any) -> str | None:
    """Return the docstring of a function, of what a ``partial`` calls, or of ``__call__``."""
    function = getattr(function, "func", function)
    if not inspect.isroutine(function) and not inspect.isclass(function):
        function = type(function).__call__ if not hasattr(function, "__wrapped__") else function
    text = getattr(function, "__doc__", None)
    return text if isinstance(text, str) else None


def _hints(function: Any) -> Mapping[str, Any]:
    """Return the annotations, with names resolved where that is possible."""
    function = inspect.unwrap(getattr(function, "func", function))
    if not inspect.isroutine(function) and not inspect.isclass(function):
        function = type(function).__call__
    try:
        return typing.get_type_hints(function.__init__ if inspect.isclass(function) else function)
    except Exception:  # names that exist only for type checkers
        return {}


def _argument(annotation: Any, default: Any, told: str) -> Argument | None:
    kind = kind_of(annotation, default)
    if kind is None:
        return None
    written = kind.write(default)
    if problem_of_value(written) is not None or (kind.choices and written not in kind.choices):
        return None
    parameter = Parameter(
        written, told, kind.choices, kind.read, "" if kind.choices else kind.metavar, optional=True
    )
    return Argument(parameter, kind.value)
