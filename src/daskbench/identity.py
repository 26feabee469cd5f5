"""Differences between the identities of two lanes, and findings on one: a short line each."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from daskbench.events import Identity, Setting
from daskbench.secrecy import comparable

_UNSET = "unset"
#: The source of a value that was set by code, not by the user's configuration.
AT_RUN_TIME = "set at run time"
_DIGITS = 8


def changes(one: Identity, two: Identity, known: Collection[str] = ()) -> list[str]:
    """Return the differences, such as ``multiprocessing.context: spawn -> fork, from mine.yaml``.

    Keys and variables that are `known` to differ are omitted.
    """
    found = [*_of_config(one.config, two.config, known)]
    found += _of_texts(one.variables, two.variables, known)
    found += _of_texts(one.switches, two.switches, known, absent="off")
    found += _of_texts(one.at_run_time, two.at_run_time, (), absent="as started")
    found += source_changes(one.source, two.source)
    for place in (name for name in one.elsewhere if name in two.elsewhere):
        lines = changes(one.elsewhere[place], two.elsewhere[place])
        found += [f"on the {place} of the cluster: {line}" for line in lines]
    return found


def source_changes(
    one: Mapping[str, str], two: Mapping[str, str], *, common: bool = False
) -> list[str]:
    """Return which measured files differ; with `common`, only among those that both have."""
    names = [
        name for name in dict.fromkeys([*one, *two]) if not common or {name} <= {*one} & {*two}
    ]
    return [
        f"source of {name} {_digest(one.get(name))} -> {_digest(two.get(name))}"
        for name in names
        if one.get(name) != two.get(name)
    ]


def inherited(found: Identity) -> Identity:
    """Return the identity at a lane's start, without what its code set later."""
    config = {key: one for key, one in found.config.items() if one.source != AT_RUN_TIME}
    return Identity(config, found.variables, found.switches)


def origin(setting: Setting) -> str:
    """Return where a value was set, such as ``from mine.yaml``."""
    return setting.source if setting.source == AT_RUN_TIME else f"from {Path(setting.source).name}"


def _digest(digest: str | None) -> str:
    return "not imported" if digest is None else digest[:_DIGITS] or "missing"


def _of_config(
    one: Mapping[str, Setting], two: Mapping[str, Setting], known: Collection[str]
) -> Iterator[str]:
    canonical = {name.replace("_", "-") for name in known}
    for key in dict.fromkeys([*one, *two]):
        a, b = one.get(key), two.get(key)
        if key.replace("_", "-") in canonical or (a and b and a.value == b.value):
            continue
        values = _value(a, b), _value(b, a)
        if values[0] != values[1]:
            yield _line(f"{key}:", *values, *_origins(a, b))


def _value(own: Setting | None, other: Setting | None) -> str:
    """Return a side's value; if it has none, the default that the other side knows."""
    if own:
        return own.value
    return other.default if other and other.default is not None else _UNSET


def _origins(a: Setting | None, b: Setting | None) -> tuple[str, str]:
    """Return the suffixes for both values, only the second if they are equal."""
    first, second = (f", {origin(one)}" if one else "" for one in (a, b))
    return ("", second) if first == second else (first, second)


def _of_texts(
    one: Mapping[str, str], two: Mapping[str, str], known: Collection[str], absent: str = _UNSET
) -> Iterator[str]:
    for name in dict.fromkeys([*one, *two]):
        a, b = one.get(name, absent), two.get(name, absent)
        if a != b and name not in known:
            yield _line(f"{name}:", a, b)


def _line(name: str, a: str, b: str, after_a: str = "", after_b: str = "") -> str:
    if not comparable(a, b):
        return f"{name} secrets of two users or machines, which can't be compared"
    return f"{name} {a}{after_a} -> {b}{after_b}"


#: Switches that slow or change all Python code, with their effects.
_SWITCHES = {
    "tracemalloc": "tracemalloc is on, which slows every allocation",
    "sys.flags.dev_mode": "Python's development mode is on, which checks memory and more",
    "sys.flags.optimize": "Python runs with -O, which leaves out assertions",
    "sys.flags.debug": "Python's parser debugging is on (-d)",
    "sys.flags.verbose": "Python logs every import (-v)",
    "trace function": "a trace function (debugger, coverage) is active, which slows Python code",
    "profile function": "a profiler is active, which slows Python code",
    "sys.monitoring": "a sys.monitoring tool is active, which slows Python code",
    "garbage collector": "the garbage collector is off",
}
_VARIABLES = ("LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "PYTHONMALLOC", "GLIBC_TUNABLES", "MALLOC_")
#: Sections of the configuration that affect no computation.
_ASIDE = (
    "distributed.dashboard",
    "distributed.diagnostics",
    "distributed.logging",
    "distributed.version",
    "gateway",
    "jobqueue",
    "kubernetes",
    "labextension",
    "logging",
    "visualization",
)
#: Sections that affect only some schedulers.
_SPECIAL = ("distributed", "multiprocessing")


def switches_that_disturb(found: Identity, known: Collection[str] = ()) -> list[str]:
    """Return a line for each switch and variable that changes the speed of Python code."""
    on = {**found.switches, **found.at_run_time}
    lines = [text for name, text in _SWITCHES.items() if on.get(name, "unset") != "unset"]
    return lines + [
        f"{name} is {value}"
        for name, value in found.variables.items()
        if name.startswith(_VARIABLES) and name not in known
    ]


def configured(found: Identity, own: str | None, known: Collection[str] = ()) -> list[str]:
    """Return the keys of Dask's configuration that affect a scheduler and were set by the user.

    `own` is the section that affects only its kind.

    A line is ``multiprocessing.context: fork (default spawn), from mine.yaml``.
    """
    return [
        described(key, setting)
        for key, setting in found.config.items()
        if setting.source != AT_RUN_TIME
        and not key.startswith(_ASIDE)
        and not {key.partition(".")[0]} & ({*_SPECIAL} - {own})
        and not {key, setting.source} & {*known}
    ]


def described(key: str, setting: Setting) -> str:
    """Return a key's value, default and origin as one line."""
    default = "" if setting.default is None else f" (default {setting.default})"
    return f"{key}: {setting.value}{default}, {origin(setting)}"
