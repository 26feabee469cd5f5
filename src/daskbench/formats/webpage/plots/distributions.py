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
    """Yield a plot for each table."""
    groups = groups_of(documents)
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
    spread = np.random.default_rng(0)
    drawn = []
    for place, one in enumerate(strips):
        _box(made, one, place, unit)
        for kind, values in one.seconds.items():
            if not len(values):
                continue
            shown = {"counted": color(place), "warm-up": GREY, "invalid": INVALID}[kind]
            data = {
                "time": values / unit,
                "place": place + spread.uniform(-_HALF, _HALF, len(values)),
            }
            dots = made.scatter(
                "time",
                "place",
                source=data,
                marker=_MARKERS[kind],
                size=7,
                color=shown,
                alpha=0.6,
                name=for_plot(f"{one.label}, {kind}"),
                legend_label=kind,
            )
            drawn.append(dots)
    canvas.tell(made, drawn, [("", "$name"), ("time", f"@time {name}")])
    canvas.explain(made)
    return made


def _box(made: Any, one: Strip, place: int, unit: float) -> None:
    if not one.quartiles:
        return
    low, middle, high = (value / unit for value in one.quartiles)
    top, bottom = place - _HALF - 0.06, place + _HALF + 0.06
    made.quad(low, high, top, bottom, fill_color=None, line_color=INK)
    made.segment(middle, top, middle, bottom, line_color=INK, line_width=3)
