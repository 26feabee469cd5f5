"""Speed-up over the threads of workers, beside the line of ideal scaling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from daskbench.document import Document
from daskbench.formats.webpage.groups import Series, groups_of
from daskbench.formats.webpage.palette import GREY, color, dash, marker
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import Plot
from daskbench.formats.webpage.text import for_plot
from daskbench.stats.results import Result
from daskbench.units import counted

#: More would stand over each other.
_MOST_TICKS = 16


@dataclass(frozen=True)
class Scaling:
    """The speed-up of one scheduler: threads, speed-up, and its interval at each."""

    name: str
    threads: tuple[int, ...]
    speedup: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each table in which a scheduler has several numbers of threads."""
    for title, group in groups_of(documents).items():
        if lines := scalings(group):
            yield Plot(f"Speed-up over workers: {title}", summary(lines), partial(_draw, lines))


def scalings(group: Sequence[Series]) -> list[Scaling]:
    """Return the schedulers with two numbers of threads or more, over a serial baseline.

    Where workers of several sizes have as many threads together, each size is a curve.
    """
    lines = _lines(group, sizes=False)
    if any(len(one.threads) > len({*one.threads}) for one in lines):
        lines = _lines(group, sizes=True)
    return [one for one in lines if len({*one.threads}) > 1]


def _lines(group: Sequence[Series], *, sizes: bool) -> list[Scaling]:
    found: dict[str, list[tuple[int, float, float, float]]] = {}
    for one in group:
        result, ratio = one.result, one.result.comparison.ratio
        if result.efficiency is None or not result.threads or ratio is None:
            continue
        ends = [1 / end if end else 1 / ratio.value for end in (ratio.high, ratio.low)]
        name = ", ".join(filter(None, (one.run_name, *_parts(result, sizes=sizes))))
        found.setdefault(name, []).append((result.threads, 1 / ratio.value, ends[0], ends[1]))
    return [Scaling(name, *zip(*sorted(points), strict=True)) for name, points in found.items()]


def _parts(result: Result, *, sizes: bool) -> Iterator[str]:
    """Yield what distinguishes a result, other than the number of its workers."""
    yield ": ".join(filter(None, (result.case.side.name, result.case.scheduler)))
    yield counted(result.lane.threads_per_worker or 1, "thread") + " each" if sizes else ""
    yield result.variants


def summary(lines: Sequence[Scaling]) -> str:
    """Return what the plot shows in words."""
    told = (
        f"{one.name}: {one.speedup[-1]:.3g} times as fast as the baseline on "
        f"{one.threads[-1]} threads"
        for one in lines
    )
    return f"Speed-up with its 95 % interval; ideal is n on n threads. {'; '.join(told)}."


def _draw(lines: Sequence[Scaling]) -> Any:
    every = sorted({threads for one in lines for threads in one.threads})
    most = every[-1]
    wide = canvas.is_wide([value for one in lines for value in one.speedup])
    made = canvas.blank("worker threads", "speed-up", y_log=wide)
    if len(every) <= _MOST_TICKS:
        made.xaxis.ticker = every
    made.line([1, most], [1, most], color=GREY, line_dash="dashed", legend_label="ideal")
    drawn = []
    for number, one in enumerate(lines):
        data = {
            "threads": one.threads,
            "speedup": one.speedup,
            "low": one.low,
            "high": one.high,
            "name": [for_plot(one.name)] * len(one.threads),
        }
        how = {"color": color(number), "legend_label": for_plot(one.name)}
        made.segment("threads", "low", "threads", "high", source=data, line_width=2, **how)
        made.line("threads", "speedup", source=data, line_dash=dash(number), **how)
        drawn.append(
            made.scatter("threads", "speedup", source=data, size=9, marker=marker(number), **how)
        )
    tips = [
        ("", "@name"),
        ("threads", "@threads"),
        ("speed-up", "@speedup{%.4g} [@low{%.4g}, @high{%.4g}]"),
    ]
    canvas.tell(made, drawn, tips)
    canvas.explain(made)
    return made
