"""Ratios with their intervals, against the margin within which times are equivalent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from daskbench.document import Document
from daskbench.document.chart import Forest
from daskbench.document.writers import digits, percent
from daskbench.formats.webpage.groups import drawn_sections
from daskbench.formats.webpage.palette import FAINT, GREY, INK, SERIES
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import MOST_ROWS, Plot, left_out
from daskbench.formats.webpage.text import for_plot

BASELINE = "the baseline"
_MARKERS = {"faster": "circle", "slower": "square", "equivalent": "diamond"}
_COLORS = {"faster": SERIES[0], "slower": SERIES[1], "equivalent": SERIES[2]}


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a forest plot for each table with ratios."""
    for document in documents:
        for section in drawn_sections(document):
            for forest in section.forests:
                yield _plot(forest)


def _plot(forest: Forest) -> Plot:
    shown = forest.rows[:MOST_ROWS]
    return Plot(
        f"{forest.axis}: {forest.title}",
        summary(forest),
        partial(_draw, forest),
        left_out(len(shown), len(forest.rows), "rows"),
    )


def summary(forest: Forest) -> str:
    """Return what the plot shows in words."""
    words = Counter(row.verdict for row in forest.rows if row.verdict)
    verdicts = ", ".join(f"{number} {word}" for word, number in words.items()) or "no verdict"
    least, most = (end(forest.rows, key=lambda row: row.value) for end in (min, max))
    return (
        f"Ratios with their 95 % intervals: {verdicts}. The shaded band is equivalence, within "
        f"{percent(forest.margin)} of 1. The least ratio is {digits(least.value)} ({least.label}), "
        f"the largest {digits(most.value)} ({most.label})."
    )


def _draw(forest: Forest) -> Any:
    from bokeh.models import BoxAnnotation, Span

    shown = forest.rows[:MOST_ROWS]
    ends = [end for row in shown for end in (row.low, row.value, row.high) if end]
    made = canvas.rows([row.label for row in shown], forest.axis, log=canvas.is_wide(ends))
    made.add_layout(
        BoxAnnotation(
            left=1 / (1 + forest.margin), right=1 + forest.margin, fill_color=FAINT, fill_alpha=0.6
        )
    )
    made.add_layout(Span(location=1.0, dimension="height", line_color=INK, line_dash="dashed"))
    drawn = []
    for verdict in dict.fromkeys(row.verdict for row in shown):
        chosen = [(place, row) for place, row in enumerate(shown) if row.verdict == verdict]
        data = {
            "value": [row.value for _, row in chosen],
            "low": [row.value if row.low is None else row.low for _, row in chosen],
            "high": [row.value if row.high is None else row.high for _, row in chosen],
            "place": [place for place, _ in chosen],
            "name": [for_plot(row.label) for _, row in chosen],
        }
        how = {"color": _COLORS.get(verdict, GREY), "legend_label": for_plot(verdict or BASELINE)}
        made.segment("low", "place", "high", "place", source=data, line_width=3, **how)
        marker = _MARKERS.get(verdict, "circle")
        drawn.append(made.scatter("value", "place", source=data, marker=marker, size=11, **how))
    tips = [("", "@name"), ("ratio", "@value{%.4g}"), ("95 %", "@low{%.4g} to @high{%.4g}")]
    canvas.tell(made, drawn, tips)
    canvas.explain(made)
    return made
