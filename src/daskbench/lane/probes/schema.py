"""Validation of Dask configuration values by the schemas that Dask ships.

`daskbench.interpreters` runs this source in any Python, however old; it needs only Dask.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dask.config
from dask.utils import parse_bytes, parse_timedelta

_TYPES = {
    "number": (int, float),
    "integer": (int,),
    "string": (str,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}
_NAMES = {
    "number": "a number",
    "integer": "an integer",
    "string": "a string",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("of at least", lambda value, bound: value >= bound),
    "maximum": ("of at most", lambda value, bound: value <= bound),
    "exclusiveMinimum": ("above", lambda value, bound: value > bound),
    "exclusiveMaximum": ("below", lambda value, bound: value < bound),
}
#: Rules for keys without a schema. Source: ``dask.multiprocessing.get_context``.
_OWN_RULES: dict[str, Any] = {"multiprocessing.context": {"enum": ["spawn", "fork", "forkserver"]}}
#: Python constants in YAML.
_WORDS = {"None": "null", "False": "false", "True": "true"}


def known() -> list[str]:
    """Return the keys without a schema."""
    return list(_OWN_RULES)


def complaint(key: str, text: str) -> str:
    """Return what a key requires if the value in `text` is invalid; otherwise an empty string."""
    value = dask.config.interpret_value(text)
    rule, default = _rule(key), _default(key)
    if default == math.inf and value == "inf":  # text can't express the float
        return ""
    if rule is not None and value is None and _fits(rule, value):
        return ""
    for parse, what in (
        (parse_timedelta, "a time, e.g. 500ms"),
        (parse_bytes, "a size, e.g. 64MiB"),
    ):
        if isinstance(default, str) and _parses(parse, default):
            return "" if _parses(parse, value) else what
    if rule is not None and (key in _OWN_RULES or _fits(rule, default)):
        return "" if _fits(rule, value) else _said(rule)
    if isinstance(default, bool) and not isinstance(value, bool):
        return "true or false"
    return ""


def _parses(parse: Any, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    try:
        parse(value)
    except Exception:  # the type depends on the version of Dask
        return False
    return True


def _default(key: str) -> Any:
    merged: dict[str, Any] = {}
    for tree in dask.config.defaults:
        dask.config.update(merged, tree, priority="old")
    return dask.config.get(key, default=None, config=merged)


def _rule(key: str) -> Any:
    """Return the schema of a key; None if Dask has none."""
    if key in _OWN_RULES:
        return _OWN_RULES[key]
    for package in ("dask", "distributed"):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            continue
        file = Path(spec.origin).with_name(f"{package}-schema.yaml")
        for tree in dask.config.collect_yaml([str(file)]):
            if (rule := _walk(tree, key)) is not None:
                return rule
    return None


def _walk(tree: Any, key: str) -> Any:
    for part in key.split("."):
        inside = tree.get("properties", {}) if isinstance(tree, dict) else {}
        names = {name.replace("_", "-"): name for name in inside}
        tree = inside.get(names.get(part.replace("_", "-")))
        if tree is None:
            return None
    return tree


def _fits(rule: Any, value: Any) -> bool:
    for several in ("oneOf", "anyOf"):
        if several in rule and not any(_fits(one, value) for one in rule[several]):
            return False
    if "enum" in rule and not any(_is(value, one) for one in rule["enum"]):
        return False
    if "type" in rule and not _has_type(rule["type"], value):
        return False
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    bounds = [(name, check) for name, (_, check) in _BOUNDS.items() if name in rule]
    return all(is_number and check(value, rule[name]) for name, check in bounds)


def _is(value: Any, one: Any) -> bool:
    """Whether both are equal and of the same type: 0 is not false."""
    return type(value) is type(one) and bool(value == one)


def _has_type(names: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in _several(names))


def _several(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _said(rule: Any) -> str:
    """Describe the values that a rule allows."""
    for several in ("oneOf", "anyOf"):
        if several in rule:
            return " or ".join(_said(one) for one in rule[several])
    if "enum" in rule:
        return ", ".join(_WORDS.get(str(one), str(one)) for one in rule["enum"])
    kind = " or ".join(_NAMES.get(name, name) for name in _several(rule.get("type", "value")))
    bounds = [f"{word} {rule[name]:g}" for name, (word, _) in _BOUNDS.items() if name in rule]
    return " ".join([kind, " and ".join(bounds)]).strip()
