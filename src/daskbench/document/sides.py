"""How the two sides of a comparison are described: by what distinguishes them."""

from collections.abc import Sequence

import msgspec

from daskbench.model import Side


def what_differs(sides: Sequence[Side]) -> list[str]:
    """Describe each side by what distinguishes it, as ``NAME: description``."""
    described = zip(sides, what_are(sides), strict=True)
    return [f"{side.name}: {what}" for side, what in described]


def what_are(sides: Sequence[Side]) -> list[str]:
    """Describe each side by its versions, if they differ, and its settings."""
    names = dict.fromkeys(name for side in sides for name in side.versions)
    differ = [name for name in names if len({side.versions.get(name) for side in sides}) > 1]
    return [_what_is(side, differ) for side in sides]


def _what_is(side: Side, differ: Sequence[str]) -> str:
    found = ", ".join(f"{name} {side.versions.get(name, 'missing')}" for name in differ)
    # Versions distinguish interpreters better than their long paths.
    special = str(msgspec.structs.replace(side, python=None) if found else side)
    if found and special:
        return f"{found} ({special})"
    return found or special or "as daskbench itself"
