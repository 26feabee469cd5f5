"""Users' own work: functions and scripts, measured and proved without a class."""

import inspect
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

from daskbench.benchmarks import users
from daskbench.benchmarks.base import BenchmarkType
from daskbench.benchmarks.targets import Found, Target, find, target_of
from daskbench.benchmarks.work.base import WorkOptions
from daskbench.errors import UsageError


def find_work(target: Target, options: WorkOptions) -> BenchmarkType:
    """Return the class that a target names, or the benchmark made of the function it names.

    Raises UsageError if there is none, or if importing its file or module fails.
    """
    from daskbench.benchmarks.work.function import function_type
    from daskbench.benchmarks.work.hooks import Hooks, hooks_of

    found = _script(target) if target.is_script else find(target)
    if inspect.isclass(found.thing):
        return cast(BenchmarkType, found.thing)
    _check_callable(target, found.thing)
    hooks = Hooks() if target.is_script else hooks_of(target, found)
    if options.plain:
        plain = target_of(options.plain)
        if plain is None:
            raise UsageError(f"--plain {options.plain}: write FILE.py:NAME")
        _check_callable(plain, function := find(plain).thing)
        hooks = replace(hooks, plain=function)
    return function_type(target, found, hooks, options)


def _script(target: Target) -> Found:
    """Return a script, which is compiled but not run. Raises UsageError if that is impossible."""
    from daskbench.benchmarks.work.script import Script

    path = users.check_script(Path(target.place))
    main = sys.modules["__main__"]
    return Found(Script(path), main, main)


def _check_callable(target: Target, thing: object) -> None:
    if callable(thing):
        return
    what = "a module" if inspect.ismodule(thing) else f"of the type {type(thing).__name__}"
    raise UsageError(
        f"{target} is {what}, neither a function nor a class; name a function that returns what "
        "to compute"
    )
