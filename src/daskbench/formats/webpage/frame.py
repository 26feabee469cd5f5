"""The frame of a page: its head, style, scripts, and the places of plots."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from typing import Any

from daskbench.formats.webpage import palette
from daskbench.formats.webpage.plots.base import Plot
from daskbench.formats.webpage.text import attribute, in_script, shown


def page(
    title: str, subtitle: Iterable[str], sections: Sequence[str], plots: Sequence[Plot]
) -> str:
    """Return a whole page; its scripts are Bokeh's and ours, and no other is let run."""
    lines = "".join(f"<p>{shown(line)}</p>" for line in subtitle)
    body = (
        '<a class="skip" href="#results">Skip to the results</a>'
        f"<header><h1>{shown(title)}</h1>{lines}{_NAVIGATION}</header>"
        f"<main>{''.join(sections)}</main>"
    )
    return _whole(title, body, plots)


def bare(plot: Plot) -> tuple[str, int]:
    """Return a page with one plot and its title alone, which it fills, and its height in pixels."""
    height = plot.draw().height + _AROUND_A_PLOT
    body = f'<main class="bare">{"".join(figures([plot]))}</main>'
    return _whole(plot.title, body, [replace(plot, draw=partial(_stretched, plot))]), height


def _stretched(plot: Plot) -> Any:
    drawn = plot.draw()
    drawn.sizing_mode, drawn.toolbar_location = "stretch_both", None
    return drawn


#: Title and words of a plot take about as many pixels.
_AROUND_A_PLOT = 220
_PARTS = ("answer", "results", "findings", "plots", "ran", "samples")
_WORDS = {"ran": "what ran"}
_NAVIGATION = (
    '<nav aria-label="Sections">'
    + " ".join(f'<a href="#{name}">{_WORDS.get(name, name)}</a>' for name in _PARTS)
    + "</nav>"
)


def section(name: str, heading: str, parts: Iterable[str]) -> str:
    """Return a section with a heading; what it holds is HTML already."""
    held = "".join(parts) or "<p>None.</p>"
    return (
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{heading}</h2>'
        f"{held}</section>"
    )


def figures(plots: Sequence[Plot]) -> Iterator[str]:
    """Yield a place for each plot, its title, and what it shows in words."""
    if plots:
        yield "<noscript><p>Plots need JavaScript; all else on this page does not.</p></noscript>"
    for number, plot in enumerate(plots):
        note = f'<p class="note">{shown(plot.note)}</p>' if plot.note else ""
        yield (
            f'<figure aria-labelledby="plot-{number}-title" aria-describedby="plot-{number}-words">'
            f'<h3 id="plot-{number}-title">{shown(plot.title)}</h3>'
            f'<div class="plot" id="plot-{number}"></div>'
            f'<figcaption><p id="plot-{number}-words">{shown(plot.summary)}</p>{note}</figcaption>'
            "</figure>"
        )


def _whole(title: str, body: str, plots: Sequence[Plot]) -> str:
    from bokeh.embed import json_item

    scripts = [*([_bokeh()] if plots else []), _own("page.js")]
    items = [json_item(plot.draw(), f"plot-{number}") for number, plot in enumerate(plots)]
    data = (
        f'<script type="application/json" id="items">{in_script(_renumbered(items, {}))}</script>'
    )
    tokens = {**palette.ON_DARK, "paper": palette.DARK}
    data += f'<script type="application/json" id="tokens">{in_script(tokens)}</script>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{attribute(title)}</title><style>{_own('page.css')}</style></head><body>{body}{data}"
        + "".join(f"<script>{one}</script>" for one in scripts)
        + "</body></html>\n"
    )


def _policy(scripts: Iterable[str]) -> str:
    """Return a policy that lets only these scripts run, and nothing be loaded from anywhere.

    Source: https://www.w3.org/TR/CSP3/#framework-directive-source-list
    """
    digests = (hashlib.sha256(one.encode()).digest() for one in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _renumbered(value: Any, names: dict[str, str]) -> Any:
    """Return models with names in the order of the page: Bokeh's count on through a process."""
    if isinstance(value, list):
        return [_renumbered(inner, names) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.setdefault(inner, f"p{len(names) + 1}")
        if key in ("id", "root_id") and isinstance(inner, str)
        else _renumbered(inner, names)
        for key, inner in value.items()
    }


@cache
def _own(name: str) -> str:
    return files("daskbench.formats.webpage").joinpath(name).read_text(encoding="utf-8")


@cache
def _bokeh() -> str:
    """Return the core of BokehJS: no widgets, tables or mathematics."""
    from bokeh.resources import Resources

    script = str(Resources(mode="inline", components=["bokeh"]).js_raw[0])
    # A page reads line ends in one way, and a digest of the script is of what it reads.
    return script.replace("\r\n", "\n").replace("\r", "\n").replace("</script", "<\\/script")
