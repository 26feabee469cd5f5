"""What was called in Python, as text that the journal keeps so that it can be called again."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from daskbench.api.targets import name_of, plain_name
from daskbench.cli.options import RunOptions
from daskbench.cli.typed import LONGEST, values_without_secrets, without_secrets

#: Of these `repr` is Python again.
_PLAIN = (str, int, float, bool, list, tuple, dict, range)


def call_of(work: Any, given: Mapping[str, Any], run_options: RunOptions) -> str:
    """Return a call of `daskbench.bench`; a function that only its session has, by its name.

    Whatever looks secret is a digest.
    """
    own = {"seed": run_options.seed or None, "force": run_options.force or None}
    named = {name: value for name, value in {**given, **own}.items() if value is not None}
    plain = {name: value for name, value in named.items() if isinstance(value, _PLAIN)}
    values = values_without_secrets(plain)
    told = [f"{name}={_told(values.get(name, value))}" for name, value in named.items()]
    is_alone = not any(map(callable, given.values()))
    what = work if isinstance(work, str) else is_alone and name_of(work)
    first = repr(what) if what else plain_name(work)
    return _short(f"daskbench.bench({', '.join([first, *told])})")


def magic_of(line: str, *, is_cell: bool) -> str:
    """Return the line of a magic."""
    try:
        words = without_secrets(shlex.split(line))
    except ValueError:  # an expression need not be words of a shell
        return ""
    untouched = [*words] == shlex.split(line)
    shown = line.strip() if untouched else shlex.join(words)
    return _short(f"{'%%' if is_cell else '%'}daskbench {shown}".rstrip())


def test_of(words: Iterable[str]) -> str:
    """Return a command line of pytest."""
    return _short(shlex.join(["python", "-m", "pytest", *words]))


def _told(value: Any) -> str:
    if isinstance(value, _PLAIN):
        return repr(value)
    return plain_name(value) if callable(value) else "..."


def _short(text: str) -> str:
    """Return a text that somebody would type again, without lone surrogates; otherwise nothing."""
    readable = text.encode("utf-8", "backslashreplace").decode()
    return readable if len(readable) <= LONGEST else ""
