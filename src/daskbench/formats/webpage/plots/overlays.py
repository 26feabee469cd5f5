"""The memory of workers of several runs, aligned at their starts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from daskbench.document import Document
from daskbench.document.chart import Chart
from daskbench.formats.webpage.groups import drawn_sections, short_name
from daskbench.formats.webpage.palette import color, dash
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import MOST_LINES, Plot, joined, left_out
from daskbench.formats.webpage.text import for_plot
from daskbench.formats.webpage.thinning import in_time, share, told
from daskbench.journal.run import Column
from daskbench.units import format_bytes


@dataclass(frozen=True)
class Line:
    """The memory of one worker of a run, in bytes over the seconds that it was awake."""

    name: str
    at_s: Column
    held_bytes: Column
    every: int


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each section with charts that several runs have."""
    for heading, charts in _charts(documents).items():
        if len({run for run, _ in charts}) < 2:
            continue
        lines = lines_of(charts[:MOST_LINES])
        drawn, every = sum(len(one.at_s) for one in lines), sum(one.every for one in lines)
        note = joined(
            told(drawn, every, "the least and the largest of each stretch", "readings"),
            left_out(len(lines), len(charts), "workers"),
        )
        yield Plot(f"Runs aligned: {heading}", summary(lines), partial(_draw, lines), note)


def _charts(documents: Sequence[Document]) -> dict[str, list[tuple[str, Chart]]]:
    found: dict[str, list[tuple[str, Chart]]] = {}
    for document in documents:
        run = short_name(document.run, documents)
        for section in drawn_sections(document):
            pairs = [(run, chart) for chart in section.charts]
            found.setdefault(section.heading, []).extend(pairs)
    return found


def lines_of(charts: Sequence[tuple[str, Chart]]) -> list[Line]:
    """Return a line for each run and worker, as many points of each as can be drawn."""
    found = []
    for run, chart in charts:
        held = np.array(chart.totals(), dtype=float)
        places = in_time(held, share(len(charts)))
        at_s = np.array(chart.at_s, dtype=float)[places]
        found.append(Line(f"{run}, {chart.title}", at_s, held[places], len(held)))
    return found


def summary(lines: Sequence[Line]) -> str:
    """Return what the plot shows in words."""
    peaks = (f"{one.name} {format_bytes(float(one.held_bytes.max(initial=0)))}" for one in lines)
    return f"Process memory since each run's start. Peaks: {', '.join(peaks)}."


def _draw(lines: Sequence[Line]) -> Any:
    unit, name = canvas.bytes_unit(max(float(one.held_bytes.max(initial=1)) for one in lines))
    made = canvas.blank("awake for (s)", f"process memory ({name})")
    drawn = []
    for number, one in enumerate(lines):
        label = for_plot(one.name)
        data = {"at": one.at_s, "held": one.held_bytes / unit, "name": [label] * len(one.at_s)}
        how = {"color": color(number), "line_dash": dash(number), "legend_label": label}
        drawn.append(made.line("at", "held", source=data, line_width=2, **how))
    canvas.tell(
        made, drawn, [("", "@name"), ("at", "@at{0.0} s"), ("held", f"@held{{0.00}} {name}")]
    )
    canvas.explain(made)
    return made
