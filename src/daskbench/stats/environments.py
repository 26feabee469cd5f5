"""Differences between two environments that may affect times, one short line each."""

from collections.abc import Iterator, Mapping
from typing import Any

from daskbench.model import Settings
from daskbench.units import format_bytes

Environment = Mapping[str, Any]

_NAMES = {
    "host": "host",
    "platform": "system",
    "cpu": "processor",
    "cores": "cores",
    "memory_bytes": "memory",
    "python": "Python",
    "dask_variables": "variables of Dask",
    "temp_filesystem": "file system of temporary files",
}
_OF_A_SAMPLE = ("warmup", "min_time_s", "memory", "memory_interval_s")
#: Packages used only to show results.
_SHOWING = {"click", "rich", "pandas"}
#: The load of a machine is never the same twice: only differences above this are reported.
_LOAD = 1.0
#: Likewise the memory that a machine reports, which may change with an upgrade of the kernel.
_MEMORY = 0.01


def changes(one: Environment, two: Environment, *, inside: bool = False) -> list[str]:
    """Return the differences, each as ``dask 2025.1.0 -> 2026.3.0``.

    With `inside`, lanes reported the values of Dask's variables, so their names are left out.
    """
    found = [*_of_machine(one, two), *version_changes(_versions(one), _versions(two))]
    return [line for line in found if not (inside and line.startswith(_NAMES["dask_variables"]))]


def version_changes(one: Mapping[str, str], two: Mapping[str, str]) -> list[str]:
    """Return which versions differ, including packages that are missing on one side."""
    names = (name for name in dict.fromkeys([*one, *two]) if name not in _SHOWING)
    return [
        f"{name} {one.get(name, 'missing')} -> {two.get(name, 'missing')}"
        for name in names
        if one.get(name) != two.get(name)
    ]


def setting_changes(one: Settings, two: Settings) -> list[str]:
    """Return which settings that may affect a sample differ; the number of samples does not."""
    return [
        f"{name.removesuffix('_s').replace('_', '-')} {getattr(one, name)} -> {getattr(two, name)}"
        for name in _OF_A_SAMPLE
        if getattr(one, name) != getattr(two, name)
    ]


def _versions(environment: Environment) -> Mapping[str, str]:
    found: Mapping[str, str] = environment.get("versions", {})
    return found


def _of_machine(one: Environment, two: Environment) -> Iterator[str]:
    for key, name in _NAMES.items():
        if key in one and key in two and _differ(key, one[key], two[key]):
            yield f"{name} {_text(key, one[key])} -> {_text(key, two[key])}"
    before, now = (float(side.get("load_1min", 0.0)) for side in (one, two))
    if abs(now - before) >= _LOAD:
        yield f"load at the start {before:g} -> {now:g}"


def _differ(key: str, one: Any, two: Any) -> bool:
    if key == "memory_bytes":
        return bool(abs(two - one) > _MEMORY * one)
    return bool(one != two)


def _text(key: str, value: Any) -> str:
    if key == "memory_bytes":
        return format_bytes(value)
    return " ".join(value) or "none" if isinstance(value, list) else str(value) or "unknown"
