"""The memory of workers over time, stacked by category, with thresholds and events."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from daskbench.document import Document
from daskbench.document.chart import Chart, Mark
from daskbench.formats.webpage.groups import drawn_sections, short_name
from daskbench.formats.webpage.palette import GREY, INK, color, dash, marker
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import Plot, joined
from daskbench.formats.webpage.text import for_plot, on_axis
from daskbench.formats.webpage.thinning import MOST_POINTS, in_time, told
from daskbench.units import format_bytes


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each chart of a section."""
    for document in documents:
        run = short_name(document.run, documents)
        for section in drawn_sections(document):
            for chart in section.charts:
                drawn, every = len(places_of(chart)), len(chart.at_s)
                thinned = told(drawn, every, "least and largest of each stretch", "readings")
                title = ": ".join(filter(None, (run, section.heading, chart.title)))
                note = joined(thinned, section.chart_note)
                yield Plot(title, summary(chart), partial(_draw, chart), note)


def places_of(chart: Chart) -> Any:
    """Return which of a chart's times are drawn."""
    return in_time(np.array(chart.totals(), dtype=float), MOST_POINTS // 8)


def summary(chart: Chart) -> str:
    """Return what the plot shows in words."""
    limit = f" of a limit of {format_bytes(chart.limit)}" if chart.limit else ""
    events = ", ".join(dict.fromkeys(map(words_of, chart.marks))) or "none"
    return (
        f"Memory of {chart.title} over {chart.length_s:.3g} s: "
        f"{', '.join(layer.name for layer in chart.layers)}, from the bottom up. At most "
        f"{format_bytes(max(chart.totals(), default=0))}{limit}. Events: {events}."
    )


def words_of(mark: Mark) -> str:
    """Return what happened, in words: ``spill began``."""
    return mark.what.replace("-", " ")


def _draw(chart: Chart) -> Any:
    places = places_of(chart)
    totals = np.array(chart.totals(), dtype=float)
    most = max(float(totals.max(initial=0.0)), float(chart.limit or 0), 1.0)
    unit, name = canvas.bytes_unit(most)
    made = canvas.blank("awake for (s)", f"memory ({name})", height=420)
    at_s = np.array(chart.at_s, dtype=float)[places]
    below = np.zeros(len(places))
    for number, layer in enumerate(chart.layers):
        above = below + np.array(layer.values, dtype=float)[places] / unit
        how = {"legend_label": for_plot(layer.name), "color": color(number)}
        made.varea(at_s, below, above, fill_alpha=0.35, **how)
        made.line(at_s, above, line_dash=dash(number), line_width=1.5, **how)
        below = above
    if chart.apart:
        spilled = np.array(chart.apart.values, dtype=float)[places] / unit
        how = {"legend_label": for_plot(chart.apart.name), "color": GREY}
        made.line(at_s, spilled, line_dash="dotdash", line_width=2, **how)
    _levels(made, chart, unit)
    _marks(made, chart, most / unit)
    canvas.explain(made)
    return made


def _levels(made: Any, chart: Chart, unit: float) -> None:
    end = max([chart.length_s, *(mark.at_s for mark in chart.marks)])
    for level in chart.levels:
        made.line([0.0, end], [level.value / unit] * 2, color=INK, line_dash="dashed")
    made.text(
        [0.0] * len(chart.levels),
        [level.value / unit for level in chart.levels],
        text=[on_axis(level.name) for level in chart.levels],
        text_color=INK,
        text_baseline="bottom",
        text_font_size="12px",
        x_offset=4,
    )


def _marks(made: Any, chart: Chart, top: float) -> None:
    kinds = dict.fromkeys(map(words_of, chart.marks))
    drawn = []
    for number, what in enumerate(kinds):
        at_s = [mark.at_s for mark in chart.marks if words_of(mark) == what]
        data = {"at": at_s, "top": [top] * len(at_s), "what": [for_plot(what)] * len(at_s)}
        how = {"marker": marker(number), "legend_label": for_plot(what), "color": INK}
        drawn.append(made.scatter("at", "top", source=data, size=10, fill_alpha=0.3, **how))
    if drawn:
        canvas.tell(made, drawn, [("", "@what"), ("at", "@at{0.0} s")])
