"""Text from users and journals, made harmless for each part of a page."""

import json
import re
import sys
from typing import Any

from daskbench import harmless

_MOST_ON_AXIS = 44
_CUT = "…"
#: What Bokeh would take for mathematics, and load a library for from elsewhere.
_MATHS = re.compile(r"\$(?=\$)|\\(?=[\[(])")
#: The characters that isolate a text where there is no markup.
#: Source: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
_ISOLATE, _END = "\u2068", "\u2069"


def shown(text: object) -> str:
    """Return text as one line of HTML content."""
    return harmless.html(text)


def whole(text: object) -> str:
    """Return text as one line of HTML content of any length, such as a command to copy."""
    return harmless.html(text, sys.maxsize)


def attribute(text: object) -> str:
    """Return text as one line for a quoted attribute, or the title of the page."""
    return harmless.attribute(text)


def heading(level: int, text: object) -> str:
    """Return a heading; levels are those of HTML."""
    return f"<h{level}>{shown(text)}</h{level}>"


def cell(text: object) -> str:
    """Return text as one line of HTML, short enough for a table."""
    return harmless.html(text, harmless.MOST_CELL)


def for_plot(text: object) -> str:
    """Return text as Bokeh shows it literally: in tooltips, which escape it themselves."""
    return _isolated(_literal(text))


def _literal(text: object) -> str:
    return _MATHS.sub(lambda found: f"{found[0]} ", harmless.cell(text))


def _isolated(text: str) -> str:
    return harmless.isolated(text, _ISOLATE, _END)


def on_axis(text: object) -> str:
    """Return a name short enough to stand beside an axis; tooltips have the whole one."""
    return _isolated(_short(_literal(text)))


def shortened(text: str) -> str:
    """Return what `for_plot` returned as `on_axis` would."""
    return _isolated(_short(text.replace(_ISOLATE, "").replace(_END, "")))


def _short(found: str) -> str:
    if len(found) <= _MOST_ON_AXIS:
        return found
    end = _MOST_ON_AXIS // 3
    return found[: _MOST_ON_AXIS - end - 1] + _CUT + found[-end:]


def in_script(value: Any) -> str:
    """Return JSON that can't end the script element that holds it, nor begin a comment there.

    Source: https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
