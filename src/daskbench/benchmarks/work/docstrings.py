"""Descriptions of parameters in docstrings: NumPy's, Google's and Sphinx's style.

Sources: https://numpydoc.readthedocs.io/en/latest/format.html,
https://google.github.io/styleguide/pyguide.html#383-functions-and-methods
"""

import inspect
import re
from collections.abc import Iterator

_SPHINX = re.compile(r":param\s+(?:[^:]*\s)?(?P<names>\w+)\s*:\s*(?P<text>.*)")
_GOOGLE = re.compile(r"(?P<names>\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s+(?P<text>.*)")
_NUMPY = re.compile(r"(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?::.*)?")
_RULE = re.compile(r"-{3,}")
#: The longest description, in characters.
_LONGEST = 200


def helps_of(text: str | None) -> dict[str, str]:
    """Return the description of each parameter that a docstring describes, in one line.

    >>> helps_of('''Build it.
    ...
    ... Args:
    ...     n (int): How many numbers.
    ... ''')
    {'n': 'How many numbers.'}
    """
    lines = inspect.cleandoc(text or "").splitlines()
    found: dict[str, str] = {}
    for names, words in (*_sphinx(lines), *_google(lines), *_numpy(lines)):
        told = " ".join(words.split())
        told = told if len(told) <= _LONGEST else f"{told[: _LONGEST - 3]}..."
        for name in re.findall(r"\w+", names):
            found.setdefault(name, told)
    return found


def _sphinx(lines: list[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines):
        if match := _SPHINX.fullmatch(line.strip()):
            yield match["names"], " ".join([match["text"], *_deeper(lines, number)])


def _google(lines: list[str]) -> Iterator[tuple[str, str]]:
    inside, depth = False, 0
    for number, line in enumerate(lines):
        indent = _indent(line)
        if line.strip() in ("Args:", "Arguments:", "Parameters:", "Keyword Args:"):
            inside, depth = True, 0
        elif inside and line.strip():
            depth = depth or indent
            inside = indent >= depth > 0
            match = _GOOGLE.fullmatch(line.strip())
            if inside and indent == depth and match:
                yield match["names"], " ".join([match["text"], *_deeper(lines, number)])


def _numpy(lines: list[str]) -> Iterator[tuple[str, str]]:
    inside = False
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _RULE.fullmatch(lines[number + 1].strip()):
            inside = line.strip() in ("Parameters", "Other Parameters")
        elif inside and _indent(line) == 0 and (match := _NUMPY.fullmatch(line.strip())):
            yield match["names"], " ".join(_deeper(lines, number))


def _deeper(lines: list[str], number: int) -> Iterator[str]:
    """Yield the lines of the paragraph below a line that are indented deeper."""
    for line in lines[number + 1 :]:
        if not line.strip() or _indent(line) <= _indent(lines[number]):
            return
        yield line.strip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
