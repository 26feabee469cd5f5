"""Times over a parameter that was swept, a curve for each scheduler, with bands of quartiles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from daskbench.document import Document
from daskbench.formats.webpage.groups import Series, groups_of
from daskbench.formats.webpage.palette import color, dash, marker
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import Plot
from daskbench.formats.webpage.text import for_plot
from daskbench.units import format_seconds


@dataclass(frozen=True)
class Sweep:
    """The times of one scheduler over a parameter: medians and quartiles, in seconds."""

    name: str
    values: tuple[float, ...]
    median_s: tuple[float, ...]
    low_s: tuple[float, ...]
    high_s: tuple[float, ...]


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each benchmark and each number that takes several values."""
    for (suite, benchmark), group in _benchmarks(documents).items():
        for parameter in swept(group):
            if lines := sweeps(group, parameter):
                title = f"Time over {parameter}: {suite}, {benchmark}"
                words = summary(parameter, lines)
                yield Plot(title, words, partial(_draw, parameter, lines))


def _benchmarks(documents: Sequence[Document]) -> dict[tuple[str, str], list[Series]]:
    found: dict[tuple[str, str], list[Series]] = {}
    for group in groups_of(documents).values():
        for one in group:
            key = one.result.suite.name, one.result.case.described(one.result.case.parameters)
            found.setdefault(key, []).append(one)
    return found


def swept(group: Sequence[Series]) -> list[str]:
    """Return the parameters that are numbers and take several values."""
    return [
        name
        for name, found in _varied(group).items()
        if all(isinstance(value, int | float) for value in found)
    ]


def _varied(group: Sequence[Series]) -> dict[str, set[Any]]:
    """Return the parameters that take several values, and these."""
    values: dict[str, set[Any]] = {}
    for one in group:
        for name, value in one.result.case.parameters.items():
            values.setdefault(name, set()).add(value)
    return {name: found for name, found in values.items() if len(found) > 1}


def sweeps(group: Sequence[Series], parameter: str) -> list[Sweep]:
    """Return a curve for each place and set of other numbers, of two values or more.

    Other parameters have curves of their own only where a curve would otherwise have several
    points at one value: they may just follow the one that was swept.
    """
    lines = _curves(group, parameter, swept(group))
    if any(len(one.values) > len({*one.values}) for one in lines):
        lines = _curves(group, parameter, [*_varied(group)])
    return [one for one in lines if len({*one.values}) > 1]


def _curves(group: Sequence[Series], parameter: str, others: Sequence[str]) -> list[Sweep]:
    """Return a curve for each place and set of these other parameters."""
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    for one in group:
        case, seconds = one.result.case, one.samples.loop_s
        if parameter not in case.parameters or not len(seconds):
            continue
        more = {name: case.parameters.get(name, "") for name in others if name != parameter}
        told = [f"{name}={value}" for name, value in more.items() if value != ""]
        name = ", ".join(filter(None, [one.run_name, one.result.place, *told]))
        low, middle, high = np.percentile(seconds, (25, 50, 75)).tolist()
        found.setdefault(name, []).append((float(case.parameters[parameter]), middle, low, high))
    return [Sweep(name, *zip(*sorted(points), strict=True)) for name, points in found.items()]


def summary(parameter: str, lines: Sequence[Sweep]) -> str:
    """Return what the plot shows in words."""
    told = (
        f"{one.name}: {format_seconds(one.median_s[0])} at {one.values[0]:g}, "
        f"{format_seconds(one.median_s[-1])} at {one.values[-1]:g}"
        for one in lines
    )
    return f"Medians over {parameter}; bands span the quartiles of samples. {'; '.join(told)}."


def _draw(parameter: str, lines: Sequence[Sweep]) -> Any:
    values = [value for one in lines for value in one.values]
    times = [second for one in lines for second in (*one.low_s, *one.high_s)]
    made = canvas.blank(
        parameter,
        "seconds per loop",
        x_log=canvas.is_wide(values),
        y_log=canvas.is_wide(times),
    )
    if canvas.is_wide(values):
        canvas.plain_ticks(made.xaxis)
    drawn = []
    for number, one in enumerate(lines):
        data = {
            "value": one.values,
            "median": one.median_s,
            "low": one.low_s,
            "high": one.high_s,
            "name": [for_plot(one.name)] * len(one.values),
        }
        how = {"color": color(number), "legend_label": for_plot(one.name)}
        made.varea("value", "low", "high", source=data, fill_alpha=0.2, **how)
        made.line("value", "median", source=data, line_dash=dash(number), line_width=2, **how)
        drawn.append(
            made.scatter("value", "median", source=data, size=9, marker=marker(number), **how)
        )
    tips = [("", "@name"), (for_plot(parameter), "@value"), ("median", "@median{%.4g} s")]
    canvas.tell(made, drawn, tips)
    canvas.explain(made)
    return made
