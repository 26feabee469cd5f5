"""Where the time of threads went: a stacked bar for each case, by cause."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from daskbench.document import Document
from daskbench.document.accounts import NAMES
from daskbench.formats.webpage.groups import Series, groups_of
from daskbench.formats.webpage.palette import GREY, SERIES, color
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import MOST_ROWS, Plot, left_out
from daskbench.formats.webpage.text import for_plot
from daskbench.stats.accounts import accounts_of

UNEXPLAINED = "unexplained"
#: Of a line of the legend.
_LINE = 26
#: With the colours these tell all causes apart.
_HATCHES = ("blank", "right_diagonal_line", "horizontal_line")


class Bar(NamedTuple):
    """The core-seconds of a case, by the name of their cause; those without are not drawn."""

    label: str
    parts: dict[str, float]


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each table whose cases have accounts."""
    for title, group in groups_of(documents).items():
        if every := [bar for one in group for bar in bars_of(one)]:
            shown = every[:MOST_ROWS]
            note = left_out(len(shown), len(every), "cases")
            yield Plot(f"Where the time went: {title}", summary(shown), partial(_draw, shown), note)


def bars_of(series: Series) -> Iterator[Bar]:
    """Yield the bar of a case that has an account."""
    for one in accounts_of(series.run, [series.result]):
        parts = {name: one.causes[cause] for cause, name in NAMES.items()}
        parts[UNEXPLAINED] = max(one.unexplained_s, 0.0)
        yield Bar(series.label, {name: cost_s for name, cost_s in parts.items() if cost_s})


def summary(bars: Sequence[Bar]) -> str:
    """Return what the plot shows in words."""
    told = (f"{bar.label}: {_largest(bar)}" for bar in bars if bar.parts)
    return (
        "What was paid for, wall time × threads, by cause, in the mean of samples with "
        f"instruments on. The largest parts are {'; '.join(told)}."
    )


def _largest(bar: Bar) -> str:
    name = max(bar.parts, key=bar.parts.__getitem__)
    return f"{name} {bar.parts[name] / sum(bar.parts.values()):.0%}"


def _draw(bars: Sequence[Bar]) -> Any:
    made = canvas.rows([bar.label for bar in bars], "core-seconds")
    ends, drawn = [0.0] * len(bars), []
    for number, name in enumerate((*NAMES.values(), UNEXPLAINED)):
        there = [place for place, bar in enumerate(bars) if name in bar.parts]
        if not there:
            continue
        data: dict[str, list[Any]] = {"row": there, "left": [ends[place] for place in there]}
        for place in there:
            ends[place] += bars[place].parts[name]
        data["right"] = [ends[place] for place in there]
        data["cost"] = [bars[place].parts[name] for place in there]
        data["label"] = [for_plot(bars[place].label) for place in there]
        data["cause"] = [name] * len(there)
        drawn.append(_stack(made, data, name, number))
    canvas.tell(made, drawn, [("", "@label"), ("@cause", "@cost{%.4g} core-s")])
    canvas.explain(made)
    made.height += _LINE * len(drawn) // 2
    return made


def _stack(made: Any, data: dict[str, list[Any]], name: str, number: int) -> Any:
    """Draw the part of all bars that has one cause."""
    return made.hbar(
        y="row",
        left="left",
        right="right",
        height=0.7,
        source=data,
        color=GREY if name == UNEXPLAINED else color(number),
        hatch_pattern=_HATCHES[number // len(SERIES)],
        hatch_color="#ffffff",
        line_color="#ffffff",
        legend_label=name,
    )
