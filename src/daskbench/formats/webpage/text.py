"""Text from users and journals, made harmless for each part of a page."""

import json
import re
from html import escape
from typing import Any

from daskbench import harmless

_MOST_ON_AXIS = 44
_CUT = "…"
#: What Bokeh would take for mathematics, and load a library for from elsewhere.
_MATHS = re.compile(r"\$(?=\$)|\\(?=[\[(])")


def shown(text: object) -> str:
    """Return text as one line of HTML, for content and quoted attributes alike."""
    return escape(harmless.line(text))


def heading(level: int, text: object) -> str:
    """Return a heading; levels are those of HTML."""
    return f"<h{level}>{shown(text)}</h{level}>"


def cell(text: object) -> str:
    """Return text as one line of HTML, short enough for a table."""
    return escape(harmless.cell(text))


def for_plot(text: object) -> str:
    """Return text as Bokeh shows it literally: in tooltips, which escape it themselves."""
    return _MATHS.sub(lambda found: f"{found[0]} ", harmless.cell(text))


def on_axis(text: object) -> str:
    """Return a name short enough to stand beside an axis; tooltips have the whole one."""
    found = for_plot(text)
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
