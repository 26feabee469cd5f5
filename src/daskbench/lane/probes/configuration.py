"""Dask's configuration in this process: values that differ from the defaults, and their sources.

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

#: Ignored keys: specific to a lane, or the search path of configuration files.
_OWN = {"temporary-directory", "config", "root-config"}
#: Defaults hard-coded in Dask. Source: ``dask.multiprocessing.get_context``.
_IN_CODE = {"multiprocessing.context": "spawn"}
_AT_RUN_TIME = "set at run time"
_LONGEST = 300

Flat = dict[str, Any]


def configuration(digest: Digest) -> Message:
    """Return value, source and default of each key that differs from its default, as strings."""
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
    """Return a message if a file or variable sets a section of Dask's keys to a value."""
    parts = (key.split(".") for key in _flat_defaults())
    sections = {".".join(names[:n]) for names in parts for n in range(1, len(names))}
    for source, given in _origins():
        for key, value in given.items():
            if key in sections and value is not None and not isinstance(value, Mapping):
                where = _variable(key) if source == "environment" else source
                return f"{where} sets '{key}' to {value!r:.40}, but it is a section of keys"
    return None


def _canonical(key: str) -> str:
    """Normalize underscores to hyphens, which Dask treats alike."""
    return key.replace("_", "-")


def _flat(tree: Mapping[Any, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each dotted key and its value."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _flat_defaults() -> Flat:
    """Return the defaults, including distributed's even if it is not imported."""
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
    """Yield the settings of the environment and each file, by decreasing precedence."""
    yield "environment", _keys(dask.config.collect_env(os.environ))
    for path, tree in reversed([*dask.config.collect_yaml(dask.config.paths, return_paths=True)]):
        yield str(path), _keys(tree)


def _keys(tree: dict[str, Any]) -> Flat:
    """Return the settings by current key, with deprecated keys renamed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask warned when it read them
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
    """Return the environment variable that sets a key."""
    for variable in os.environ:
        if variable.startswith("DASK_"):
            key = variable.removeprefix("DASK_").lower().replace("__", ".")
            if name == _canonical(key) or name.startswith(f"{_canonical(key)}."):
                return variable
    return "DASK_INTERNAL_INHERIT_CONFIG"


def _text(key: str, value: Any, digest: Digest) -> str:
    """Return a value as a short string, quoted where Dask would parse it as another type."""
    hidden = conceal_within({key: value}, digest)[key]
    text = hidden if isinstance(hidden, str) else _dumped(hidden)
    if isinstance(hidden, str) and _reads_as_other(hidden):
        text = _dumped(hidden)
    if folder := os.environ.get("TMPDIR"):
        text = text.replace(folder, "TMPDIR")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... {digest(text)}"


def _reads_as_other(text: str) -> bool:
    """Whether an unquoted string would be parsed as a number or the like."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _dumped(value: Any) -> str:
    """Return JSON, with other objects replaced by their type name, as addresses vary."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda o: type(o).__name__)
