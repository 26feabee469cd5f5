"""Validation of a benchmark's class: its parameters, methods and constructor."""

import inspect
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daskbench.benchmarks.base import BenchmarkType, Parameter
from daskbench.benchmarks.users import error_text
from daskbench.errors import UsageError

_WORK = (
    "collection, which returns the Dask collections to compute, nor calls, which returns the same "
    "in NumPy"
)
_CHECK = (
    "check, which returns None if the answer is right, otherwise a string that says what is wrong"
)
#: Optional methods.
_HOOKS = ("prepare", "proceed", "account", "needs", "place", "drawing")
_LONGEST_NAME, _LONGEST_TEXT = 60, 1000
_SHORT = "write n = Parameter(1000, 'What it is.'), or 1000 for short"


def parameters_of(name: str, kind: Any) -> dict[str, Parameter]:
    """Return the parameters of a class, with bare defaults expanded to `Parameter`.

    Raises UsageError, naming class and attribute, if it is not a valid benchmark.
    """
    if not inspect.isclass(kind):
        what = "a module" if inspect.ismodule(kind) else f"of the type {type(kind).__name__}"
        raise UsageError(f"{name} is {what}, not a class")
    try:
        declared = {key: _expanded(value) for key, value in _mapping(kind).items()}
        for key, parameter in declared.items():
            _check_name(key, declared)
            _check_parameter(key, parameter)
        _check_methods(kind, declared)
        return {key: replace(one, choices=tuple(one.choices)) for key, one in declared.items()}
    except UsageError as error:
        raise UsageError(f"{name}: {kind.__name__}{error}") from error
    except Exception as error:  # a user's own dict, str or class that raises
        raise UsageError(f"{name}: its declarations can't be read: {error_text(error)}") from error


def _mapping(kind: Any) -> Mapping[Any, Any]:
    found = getattr(kind, "parameters", None)
    if isinstance(found, Mapping):
        return found
    if found is None:
        raise UsageError(
            f" is a class without parameters, so no benchmark; name one of its methods, as in "
            f"FILE.py:{kind.__name__}.NAME, or give it parameters = {{}}"
        )
    raise UsageError(f".parameters is a {type(found).__name__}; it must be a dict of Parameter")


def _expanded(value: Any) -> Any:
    """Return a Parameter for a bare default."""
    short = isinstance(value, int | float | str) and not isinstance(value, bool)
    return Parameter(value, "") if short else value


def _check_name(key: object, among: Mapping[Any, Parameter]) -> None:
    if not isinstance(key, str) or not key.isidentifier() or key.startswith("_"):
        raise UsageError(
            f".parameters has the name {_shown(key)}: use letters, digits and _, a letter first"
        )
    if len(key) > _LONGEST_NAME:
        raise UsageError(f".parameters has the name {key[:20]}...: it is too long to be an option")
    if key == "seed":
        raise UsageError(".parameters has 'seed', which daskbench passes itself: rename it")
    alike = [name for name in map(str, among) if _as_option(name) == _as_option(key)]
    if len(alike) > 1:
        raise UsageError(
            f".parameters has {' and '.join(alike)}, which give the same option: rename one of them"
        )


def _as_option(name: str) -> str:
    """Return a name's normal form: names that look alike on a command line share it."""
    return unicodedata.normalize("NFKC", name).lower().strip("_")


def _check_parameter(key: str, parameter: Any) -> None:
    where = f".parameters[{key!r}]"
    if not isinstance(parameter, Parameter):
        raise UsageError(f"{where} is {_shown(parameter)}, not a Parameter: {_SHORT}")
    if problem := _problem_of(parameter):
        raise UsageError(f"{where}{problem}")


def _problem_of(parameter: Parameter) -> str | None:
    """Return which attribute of a parameter is invalid, and why; None if all are valid."""
    if (wrong := problem_of_value(parameter.default)) is not None:
        return f".default is {wrong}"
    for name, kind, what in (
        ("help", str, "a string"),
        ("metavar", str, "a string"),
        ("variant", bool, "True or False"),
        ("sweep", bool, "True or False"),
        ("choices", tuple | list, "a tuple of strings"),
    ):
        if not isinstance(value := getattr(parameter, name), kind):
            return f".{name} is {_shown(value)}; it must be {what}"
    for name in ("read", "derive"):
        if (value := getattr(parameter, name)) is not None and not callable(value):
            return f".{name} is {_shown(value)}; it must be a function"
    return _problem_of_choices(parameter)


def _problem_of_choices(parameter: Parameter) -> str | None:
    choices = parameter.choices
    if odd := [choice for choice in choices if not _is_choice(choice)]:
        return f".choices has {_shown(odd[0])}; choices are words without commas, as ('1', '2')"
    if len(set(choices)) < len(choices):
        return f".choices {tuple(choices)} has duplicates"
    if choices and parameter.default not in choices:
        return f".default is {parameter.default!r}, which is not among .choices {tuple(choices)}"
    if parameter.sweep and not choices:
        return ".sweep needs .choices, but there are none"
    return None


def _is_choice(choice: object) -> bool:
    """Whether a comma-separated list on the command line can name it."""
    word = isinstance(choice, str) and choice.strip() == choice and "," not in choice
    return word and bool(choice) and problem_of_value(choice) is None


def problem_of_value(value: object) -> str | None:
    """Return why no parameter can have this value; None if it is valid."""
    infinite = isinstance(value, float) and not math.isfinite(value)
    if infinite or isinstance(value, bool) or not isinstance(value, int | float | str):
        return f"{_shown(value)}; it must be an int, a float or a string"
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return "an integer of more than 64 bits"
    return _problem_of_text(value) if isinstance(value, str) else None


def _problem_of_text(text: str) -> str | None:
    """Return why a string fits neither an option nor a journal; None if it fits."""
    if len(text) > _LONGEST_TEXT:
        return f"a string of {len(text):,} characters; the limit is {_LONGEST_TEXT:,}"
    is_utf8 = text == text.encode("utf-8", "ignore").decode()
    return None if is_utf8 and "\0" not in text else f"{text!r}, which is not UTF-8 or contains NUL"


def _shown(value: object) -> str:
    """Return a short representation of any value."""
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = ""
    return text if 0 < len(text) <= 40 else f"a {type(value).__name__}"


def _check_methods(kind: type, parameters: Mapping[str, Parameter]) -> None:
    if not any(callable(getattr(kind, name, None)) for name in ("collection", "calls")):
        raise UsageError(f" has neither a method {_WORK}")
    if not any(callable(getattr(kind, name, None)) for name in ("check", "account")):
        raise UsageError(f" has no method {_CHECK}")
    for name in _HOOKS:
        if hasattr(kind, name) and not callable(getattr(kind, name)):
            raise UsageError(f".{name} is {_shown(getattr(kind, name))}; it must be a method")
    try:
        inspect.signature(kind).bind(**parameters, seed=0)
    except TypeError as error:
        takes = ", ".join([*parameters, "seed"])
        raise UsageError(f".__init__ must accept {takes}: {error}") from error
    except ValueError:  # some classes have no readable signature
        pass


def create(name: str, kind: BenchmarkType, parameters: Mapping[str, Any], seed: int) -> Any:
    """Return an instance of `kind`. Raises UsageError, whatever its constructor raises."""
    try:
        return kind(**parameters, seed=seed)
    except UsageError:
        raise
    except BaseException as error:
        given = ", ".join(f"{key}={value!r}" for key, value in parameters.items())
        raise UsageError(f"{name} can't be created with {given}: {error_text(error)}") from error
