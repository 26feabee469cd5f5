"""A quantity over another, such as the time at each memory limit: the curves of experiments."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from daskbench.document import Document
from daskbench.document.chart import Curve
from daskbench.formats.webpage.groups import drawn_sections
from daskbench.formats.webpage.palette import INK, color, dash, marker
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import Plot
from daskbench.formats.webpage.text import for_plot, on_axis

_OTHER = "other"


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each curve of a section."""
    for document in documents:
        for section in drawn_sections(document):
            for curve in section.curves:
                yield Plot(curve.title, summary(curve), partial(_draw, curve))


def summary(curve: Curve) -> str:
    """Return what the plot shows in words."""
    kinds = ", ".join(dict.fromkeys(point.kind or _OTHER for point in curve.points))
    ends = curve.points[0], curve.points[-1]
    told = " to ".join(f"{point.y:.3g} at {curve.x_text(point.x)}" for point in ends)
    levels = "".join(f" {one.name} from {curve.x_text(one.value)} on." for one in curve.levels)
    return f"{curve.y} over {curve.x}, {len(curve.points)} points ({kinds}): from {told}.{levels}"


def _draw(curve: Curve) -> Any:
    xs, ys = [point.x for point in curve.points], [point.y for point in curve.points]
    x_log = canvas.is_wide(xs)
    unit, name = canvas.bytes_unit(min(xs) if x_log else max(xs)) if curve.in_bytes else (1, "")
    x = f"{curve.x} ({name})" if name else curve.x
    made = canvas.blank(x, curve.y, x_log=x_log, y_log=canvas.is_wide(ys))
    if x_log:
        canvas.plain_ticks(made.xaxis)
    made.line([x / unit for x in xs], ys, color=INK, line_width=1.5, line_dash=dash(0))
    _levels(made, curve, unit)
    drawn = []
    for number, kind in enumerate(dict.fromkeys(point.kind or _OTHER for point in curve.points)):
        chosen = [point for point in curve.points if (point.kind or _OTHER) == kind]
        data = {
            "x": [point.x / unit for point in chosen],
            "y": [point.y for point in chosen],
            "told": [curve.x_text(point.x) for point in chosen],
            "kind": [for_plot(kind)] * len(chosen),
        }
        how = {"marker": marker(number), "color": color(number), "legend_label": for_plot(kind)}
        drawn.append(made.scatter("x", "y", source=data, size=11, **how))
    canvas.tell(
        made, drawn, [(for_plot(curve.x), "@told"), (for_plot(curve.y), "@y"), ("", "@kind")]
    )
    canvas.explain(made)
    return made


def _levels(made: Any, curve: Curve, unit: float) -> None:
    """Draw a line at each level of x; those at the same place share one."""
    from bokeh.models import Label, Span

    names: dict[float, list[str]] = {}
    for level in curve.levels:
        names.setdefault(level.value / unit, []).append(level.name)
    for number, (x, found) in enumerate(sorted(names.items())):
        made.add_layout(Span(location=x, dimension="height", line_color=INK, line_dash="dotted"))
        text = on_axis(" = ".join(found))
        y = 8 + 18 * (number % 3)
        made.add_layout(
            Label(
                x=x,
                y=y,
                y_units="screen",
                text=text,
                x_offset=4,
                text_color=INK,
                text_font_size="12px",
            )
        )
