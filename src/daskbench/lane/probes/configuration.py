"""Dask's configuration as it is in this process: what is not as installed, and where it came from.

Source: https://docs.dask.org/en/stable/configuration.html
"""

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dask.config

from daskbench.lane.protocol import Message
from daskbench.secrecy import Digest, conceal_within

#: What each lane has for itself, and where configuration is looked for: what is found is told.
_OWN = {"temporary-directory", "config", "root-config"}
#: Defaults that stand in Dask's code alone. Source: ``dask.multiprocessing.get_context``.
_IN_CODE = {"multiprocessing.context": "spawn"}
_AT_RUN_TIME = "set at run time"
_LONGEST = 300

Flat = dict[str, Any]


def configuration(digest: Digest) -> Message:
    """Return for each key that is not as installed: value, source and default, as texts."""
    defaults, origins = _flat_defaults(), list(_origins())
    found = {}
    for key, value in _flat(dask.config.config):
        name = _canonical(key)
        if name in _OWN or (name in defaults and defaults[name] == value):
            continue
        told = {"value": _text(key, value, digest), "source": _source(name, value, origins)}
        if name in defaults:
            told["default"] = _text(key, defaults[name], digest)
        found[key] = told
    return found


def misplaced() -> str | None:
    """Say which file or variable gives a value where Dask has a section, if one does."""
    parts = (key.split(".") for key in _flat_defaults())
    sections = {".".join(names[:n]) for names in parts for n in range(1, len(names))}
    for source, given in _origins():
        for key, value in given.items():
            if key in sections and value is not None and not isinstance(value, Mapping):
                where = _variable(key) if source == "environment" else source
                return f"{where} sets '{key}' to {value!r:.40}, but it is a section of keys"
    return None


def _canonical(key: str) -> str:
    """Dask takes both signs for one."""
    return key.replace("_", "-")


def _flat(tree: Mapping[Any, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each key with its sections, and its value."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _flat_defaults() -> Flat:
    """Return the defaults, those of distributed whether it is imported here or not."""
    merged: dict[str, Any] = {}
    for key, value in _IN_CODE.items():
        dask.config.set({key: value}, config=merged)
    for tree in (*dask.config.defaults, *_of_distributed()):
        dask.config.update(merged, tree, priority="old")
    return {_canonical(key): value for key, value in _flat(merged)}


def _of_distributed() -> list[Any]:
    spec = find_spec("distributed")
    if spec is None or spec.origin is None:
        return []
    file = Path(spec.origin).with_name("distributed.yaml")
    return list(dask.config.collect_yaml([str(file)]))


def _origins() -> Iterator[tuple[str, Flat]]:
    """Yield what each file and the environment give, the one that goes before others first."""
    yield "environment", _keys(dask.config.collect_env(os.environ))
    for path, tree in reversed([*dask.config.collect_yaml(dask.config.paths, return_paths=True)]):
        yield str(path), _keys(tree)


def _keys(tree: dict[str, Any]) -> Flat:
    """Return the keys as Dask calls them today."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask warned of them where it read them
        dask.config.rename(config=tree)
    return {_canonical(key): value for key, value in _flat(tree)}


def _source(name: str, value: Any, origins: list[tuple[str, Flat]]) -> str:
    for source, tree in origins:
        if name in tree:
            if tree[name] != value:
                break
            return _variable(name) if source == "environment" else source
    return _AT_RUN_TIME


def _variable(name: str) -> str:
    """Return the variable that gives a key, as it is spelt."""
    for variable in os.environ:
        if variable.startswith("DASK_"):
            key = variable.removeprefix("DASK_").lower().replace("__", ".")
            if name == _canonical(key) or name.startswith(f"{_canonical(key)}."):
                return variable
    return "DASK_INTERNAL_INHERIT_CONFIG"


def _text(key: str, value: Any, digest: Digest) -> str:
    """Return a value as a short text, in which two that Dask takes differently differ."""
    hidden = conceal_within({key: value}, digest)[key]
    text = hidden if isinstance(hidden, str) else _dumped(hidden)
    if isinstance(hidden, str) and _reads_as_other(hidden):
        text = _dumped(hidden)
    if folder := os.environ.get("TMPDIR"):
        text = text.replace(folder, "TMPDIR")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... {digest(text)}"


def _reads_as_other(text: str) -> bool:
    """Tell whether a text without its quotes would be taken for a number or the like."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _dumped(value: Any) -> str:
    """Return JSON; of what it can't hold only the type, as addresses change from run to run."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda o: type(o).__name__)
