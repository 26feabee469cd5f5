"""Samples over the time of the run: drift, bursts, and what came between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from daskbench.document import Document
from daskbench.formats.webpage.groups import Series, groups_of
from daskbench.formats.webpage.palette import color, dash, marker
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import MOST_LINES, Plot, joined, left_out
from daskbench.formats.webpage.text import for_plot
from daskbench.formats.webpage.thinning import in_time, share, told
from daskbench.journal.run import Column


@dataclass(frozen=True)
class Trace:
    """The measured samples of a case to draw: when, how long, and whether they are valid."""

    label: str
    at_s: Column
    seconds: Column
    valid: Column
    every: int


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each table with samples at several times."""
    groups = groups_of(documents)
    most = share(sum(map(len, groups.values())))
    for title, group in groups.items():
        traces = traces_of(group[:MOST_LINES], most)
        if not traces:
            continue
        drawn, every = sum(len(one.at_s) for one in traces), sum(one.every for one in traces)
        note = joined(
            told(drawn, every, "the least and the largest of each stretch of time"),
            left_out(min(len(group), MOST_LINES), len(group), "rows"),
        )
        yield Plot(f"Samples over time: {title}", summary(traces), partial(_draw, traces), note)


def traces_of(group: Sequence[Series], most: int) -> list[Trace]:
    """Return the measured samples of each series, about `most` of each.

    Nothing if none has two, between which there is time.
    """
    found = []
    for one in group:
        samples = one.samples
        measured = samples.measured
        seconds, at_s = samples.every_loop_s[measured], samples["at_s"][measured]
        valid = samples["valid"][measured]
        places = in_time(seconds, most)
        if len(seconds):
            shown = at_s[places], seconds[places], valid[places]
            found.append(Trace(one.label, *shown, len(seconds)))
    return found if any(one.every > 1 for one in found) else []


def summary(traces: Sequence[Trace]) -> str:
    """Return what the plot shows in words."""
    drifts = [(_drift(one), one.label) for one in traces]
    most, label = max(drifts, key=lambda pair: abs(np.log(pair[0])))
    return (
        "Each measured sample at its moment in the run; open markers are invalid. The largest "
        f"change from the first half to the second is of {label}: by a factor of {most:.3g}."
    )


def _drift(trace: Trace) -> float:
    """Return the median of the second half divided by that of the first."""
    half = len(trace.seconds) // 2
    if not half:
        return 1.0
    first, second = np.median(trace.seconds[:half]), np.median(trace.seconds[half:])
    return float(second / first) if first > 0 and second > 0 else 1.0


def _draw(traces: Sequence[Trace]) -> Any:
    every = np.concatenate([one.seconds for one in traces])
    unit, name = canvas.seconds_unit(float(np.median(every)))
    made = canvas.blank(
        "time since the start of the run (s)",
        f"time per loop ({name})",
        height=420,
        y_log=canvas.is_wide(every.tolist()),
    )
    drawn = []
    for number, one in enumerate(traces):
        data = {
            "at": one.at_s,
            "time": one.seconds / unit,
            "filled": np.where(one.valid == 1, 0.8, 0.0),
        }
        how = {"color": color(number), "legend_label": for_plot(one.label)}
        made.line("at", "time", source=data, line_alpha=0.35, line_dash=dash(number), **how)
        drawn.append(
            made.scatter(
                "at",
                "time",
                source=data,
                size=7,
                marker=marker(number),
                fill_alpha="filled",
                name=for_plot(one.label),
                **how,
            )
        )
    tips = [("", "$name"), ("at", "@at{0.0} s"), ("time", f"@time{{%.4g}} {name}")]
    canvas.tell(made, drawn, tips)
    canvas.explain(made)
    return made
