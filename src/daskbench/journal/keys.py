"""Duplicate keys in a JSON object of a line, which JSON decoders silently accept."""

import json
from typing import Any

#: What numbers are written with. What is left of a line without them is much the same for all of a
#: journal's samples, so that few lines have to be looked at one by one.
_OF_NUMBERS = b"0123456789.+-eE"
_MOST_KNOWN = 1000


class Keys:
    """Finds such lines among many. It knows the lines that it has seen, but for their numbers."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def twice_in(self, lines: bytes) -> dict[int, str]:
        """Return by place those of these lines that have a key twice, with what is wrong."""
        left = lines.translate(None, _OF_NUMBERS).split(b"\n")
        new = {*left} - self._known
        if not new:
            return {}
        found = {}
        for place, line in enumerate(lines.split(b"\n")):
            if left[place] in new:
                if wrong := twice(line):
                    found[place] = wrong
                else:
                    new.discard(left[place])
                    self._known.add(left[place])
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        return found


def twice(line: bytes) -> str:
    """Return an error if a line has a duplicate key; empty if not, or if it is not JSON."""
    try:
        json.loads(line, object_pairs_hook=_checked, parse_int=len)
    except KeyError as error:
        return str(error.args[0])
    except (ValueError, RecursionError):
        return ""
    return ""


def _checked(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise KeyError(f"duplicate key {key!r}")
        seen.add(key)
