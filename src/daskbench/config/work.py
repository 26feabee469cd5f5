"""Options of users' own functions: the version without Dask, and how answers are compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daskbench.asking import subject
from daskbench.benchmarks.targets import target_of
from daskbench.config.keys import WORK
from daskbench.config.targets import whole_target
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Work


def work_of(benchmark: str, values: Mapping[str, Any]) -> Work:
    """Return the options of a user's function. Raises UsageError if they do not apply."""
    given = {key.replace("-", "_"): values[key] for key in WORK if key in values}
    if given and not subject(benchmark).traits.takes_options:
        key = next(key for key in WORK if key in values)
        raise UsageError(
            f"--{key} applies only to functions of your own, and {benchmark} has its own check"
        )
    if plain := given.get("plain"):
        given["plain"] = _plain(benchmark, plain)
    work = Work(**given)
    starts = subject(benchmark).traits.starts
    if starts and not work.as_is:
        raise UsageError(
            f"{starts} starts a cluster of its own, so all schedulers would measure that: name a "
            f"function that does the work without it, as {_place(benchmark)}:NAME, or measure "
            "exactly that by --as-is"
        )
    if own := check_schedulers(benchmark, values, work):
        raise UsageError(own)
    return work


def _place(benchmark: str) -> str:
    target = target_of(benchmark)
    return target.place.rpartition("/")[2] if target else benchmark


def _plain(benchmark: str, name: str) -> str:
    """Return the whole name of a plain version, and check that it is there."""
    target = target_of(benchmark)
    if target and ":" not in name and not name.endswith(".py"):
        name = f"{target.place}:{name}"
    if target_of(whole := whole_target(name, Path())) is None:
        raise UsageError(f"--plain {name}: write FILE.py:NAME")
    _ = subject(whole).parameters
    return whole


def check_schedulers(benchmark: str, values: Mapping[str, Any], work: Work) -> str | None:
    """Return why the plain version can't be measured; None if it can, or none is asked for."""
    traits = subject(benchmark).traits
    if traits.plain or work.plain or not traits.takes_options:
        return None
    asked = [name for name in values.get("schedulers", ()) if SCHEDULERS[name].is_plain]
    if not asked:
        return None
    return (
        f"{benchmark} has no version for {asked[0]}: write a function 'plain' beside it that does "
        "the same without Dask, or name one by --plain FILE.py:NAME"
    )
