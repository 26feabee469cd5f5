"""Read the text of a suites file, or refuse a file that is not one."""

import tomllib
from pathlib import Path
from typing import Any

from daskbench.errors import UsageError, nearest

#: No handwritten list of suites is larger.
_MOST_BYTES = 1 << 20
#: The file, its section, a suite, a list in that, and a table in the list.
_DEEPEST = 8
_SECTIONS = ("clusters", "defaults", "suites")
#: Where a shell's ``<(…)`` and a pipe to /dev/stdin appear; they have a writer.
_PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def read_sections(path: Path, text: str) -> dict[str, Any]:
    """Return the content of a file of suites; raises UsageError for a section that none has."""
    content = parse_toml(path, text)
    for section in content:
        if section not in _SECTIONS:
            raise UsageError(f"{path}: no section [{section}]: {nearest(section, _SECTIONS)}")
    return content


def as_table(path: Path, section: str, table: object) -> dict[str, Any]:
    """Return a table of a file unchanged; raises UsageError for what is none."""
    if not isinstance(table, dict):
        raise UsageError(f"{path}: [{section}] is not a table")
    return table


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Return the content of a TOML file; raises UsageError if it is invalid."""
    try:
        content = tomllib.loads(text)
    except RecursionError:
        content = None
    except ValueError as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    if content is None or _is_deep(content):
        raise UsageError(f"{path}: values are nested too deeply; lists can only hold plain values")
    return content


def _is_deep(content: dict[str, Any]) -> bool:
    """Whether values are nested deeper than any valid suites file."""
    level: list[Any] = [content]
    for _ in range(_DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    return bool(level)


def read_text(path: Path) -> str:
    """Return the text of a file; raises UsageError, which names it, if it can't be read."""
    try:
        if path.exists() and not path.is_file() and not str(path).startswith(_PIPES):
            what = "a folder" if path.is_dir() else "not a regular file"
            raise UsageError(f"cannot read {path}: it is {what}")
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES + 1)
        if len(found) > _MOST_BYTES:
            raise UsageError(f"cannot read {path}: larger than 1 MiB, so not a list of suites")
        return found.decode("utf-8-sig")  # some editors write a byte order mark
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: it is not UTF-8; save it as UTF-8") from error
    except ValueError as error:  # a path that contains NUL
        raise UsageError(f"cannot read {path}: {error}") from error
