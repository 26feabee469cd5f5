"""The distribution of each case: every sample, and the quartiles of those that count."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from daskbench.document import Document
from daskbench.formats.webpage.groups import Series, groups_of
from daskbench.formats.webpage.palette import GREY, INK, INVALID, color
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import MOST_ROWS, Plot, joined, left_out
from daskbench.formats.webpage.text import for_plot
from daskbench.formats.webpage.thinning import in_order, share, told
from daskbench.journal.run import Column
from daskbench.units import format_seconds

#: What a sample is: the name in the legend, its marker, and whether it counts.
KINDS = ("counted", "warm-up", "invalid")
_MARKERS = {"counted": "circle", "warm-up": "triangle", "invalid": "x"}
_COLORS = {"counted": color(0), "warm-up": GREY, "invalid": INVALID}
_HALF = 0.28


@dataclass(frozen=True)
class Strip:
    """The samples of a case to draw, in seconds per loop, by kind; `every` is how many there are.

    `quartiles` are of all samples that count, drawn or not; None if none does.
    """

    label: str
    seconds: dict[str, Column]
    quartiles: tuple[float, float, float] | None
    every: int

    @property
    def drawn(self) -> int:
        """How many samples are drawn."""
        return sum(map(len, self.seconds.values()))


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each table of which some row has several samples."""
    groups = {
        title: group
        for title, group in groups_of(documents).items()
        if any(len(one.samples) > 1 for one in group)
    }
    most = share(sum(map(len, groups.values())))
    for title, group in groups.items():
        strips = [strip_of(one, most) for one in group[:MOST_ROWS]]
        drawn, every = sum(one.drawn for one in strips), sum(one.every for one in strips)
        note = joined(
            told(drawn, every, "evenly spaced by rank, least and largest included"),
            left_out(len(strips), len(group), "rows"),
        )
        yield Plot(f"Distributions: {title}", summary(strips), partial(_draw, strips), note)


def strip_of(one: Series, most: int) -> Strip:
    """Return the samples of a series, at most about `most` of each kind."""
    samples = one.samples
    seconds, measured, counted = samples.every_loop_s, samples.measured, samples.counted
    masks = (counted, ~measured, measured & ~counted)
    kinds = {kind: seconds[mask] for kind, mask in zip(KINDS, masks, strict=True)}
    shown = {kind: values[in_order(values, most)] for kind, values in kinds.items()}
    found = kinds["counted"]
    return Strip(one.label, shown, _quartiles(found), len(seconds))


def _quartiles(values: Column) -> tuple[float, float, float] | None:
    if not len(values):
        return None
    low, middle, high = np.percentile(values, (25, 50, 75)).tolist()
    return low, middle, high


def summary(strips: Sequence[Strip]) -> str:
    """Return what the plot shows in words."""
    medians = [(one.quartiles[1], one.label) for one in strips if one.quartiles]
    if not medians:
        return "No sample counts: all are warm-up or invalid."
    invalid = sum(len(one.seconds["invalid"]) for one in strips)
    ends = dict.fromkeys((min(medians), max(medians)))
    between = " and ".join(f"{format_seconds(median)} ({label})" for median, label in ends)
    return (
        f"Every sample of {len(strips)} rows, with quartiles as boxes; triangles are warm-up and "
        f"crosses invalid ({invalid}), neither of which is averaged. Medians lie between {between}."
    )


def _draw(strips: Sequence[Strip]) -> Any:
    every = np.concatenate([values for one in strips for values in one.seconds.values()])
    unit, name = canvas.seconds_unit(float(np.median(every)))
    wide = canvas.is_wide(every.tolist())
    made = canvas.rows([one.label for one in strips], f"time per loop ({name})", log=wide)
    drawn = [_boxes(made, strips, unit)]
    for kind, values, places in _dots(strips):
        data = {"time": values / unit, "place": places}
        how = {"color": _COLORS[kind], "alpha": 0.6, "legend_label": kind}
        dots = made.scatter("time", "place", source=data, marker=_MARKERS[kind], size=7, **how)
        canvas.tell(made, [dots], [("", kind), ("time", f"@time{{%.4g}} {name}")])
    tips = [("", "@name"), ("median", f"@middle{{%.4g}} {name}")]
    canvas.tell(made, drawn, [*tips, ("quartiles", "@low{%.4g} to @high{%.4g}")])
    canvas.explain(made)
    return made


def _dots(strips: Sequence[Strip]) -> Iterator[tuple[str, Column, Column]]:
    """Yield the times of all samples of a kind, and where they stand, spread over their row."""
    spread = np.random.default_rng(0)
    for kind in KINDS:
        values = [one.seconds[kind] for one in strips]
        places = [np.full(len(one), float(place)) for place, one in enumerate(values)]
        if sum(map(len, values)):
            every = np.concatenate(places)
            yield kind, np.concatenate(values), every + spread.uniform(-_HALF, _HALF, len(every))


def _boxes(made: Any, strips: Sequence[Strip], unit: float) -> Any:
    """Draw quartiles and medians of all rows that have some."""
    rows = [(place, one, one.quartiles) for place, one in enumerate(strips) if one.quartiles]
    half = _HALF + 0.06
    data = {
        "low": [low / unit for _, _, (low, _, _) in rows],
        "middle": [middle / unit for _, _, (_, middle, _) in rows],
        "high": [high / unit for _, _, (_, _, high) in rows],
        "top": [place - half for place, _, _ in rows],
        "bottom": [place + half for place, _, _ in rows],
        "name": [for_plot(one.label) for _, one, _ in rows],
    }
    how = {"source": data, "line_color": INK}
    made.segment("middle", "top", "middle", "bottom", line_width=3, **how)
    return made.quad("low", "high", "top", "bottom", fill_alpha=0.0, **how)
