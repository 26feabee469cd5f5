"""Read the text of a suites file, or refuse what is not one."""

import tomllib
from pathlib import Path
from typing import Any

from daskbench.errors import UsageError

#: No list of suites that somebody wrote is larger.
_MOST_BYTES = 1 << 20
#: The file, its section, a suite, a list in that, and a table in the list.
_DEEPEST = 8
#: A shell's ``<(…)`` and what is piped into /dev/stdin are named there, and have a writer.
_PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Return what the text of a TOML file holds; raises UsageError where it is none."""
    try:
        content = tomllib.loads(text)
    except RecursionError:
        content = None
    except ValueError as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    if content is None or _is_deep(content):
        raise UsageError(f"{path}: its values are nested too deeply; a list holds plain values")
    return content


def _is_deep(content: dict[str, Any]) -> bool:
    """Whether values lie so far below each other that nothing here can mean them."""
    level: list[Any] = [content]
    for _ in range(_DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    return bool(level)


def read_text(path: Path) -> str:
    """Return the text of a file; raises UsageError, which names it, where it can't be read."""
    try:
        if path.exists() and not path.is_file() and not str(path).startswith(_PIPES):
            what = "a folder" if path.is_dir() else "no regular file"
            raise UsageError(f"cannot read {path}: it is {what}")
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES + 1)
        if len(found) > _MOST_BYTES:
            raise UsageError(f"cannot read {path}: larger than 1 MiB, so no list of suites")
        return found.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: it is not UTF-8: save it as that") from error
    except ValueError as error:  # a path with NUL in it
        raise UsageError(f"cannot read {path}: {error}") from error
