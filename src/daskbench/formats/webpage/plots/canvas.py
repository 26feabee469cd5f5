"""Empty figures of Bokeh's, with the looks that all plots share."""

import re
from collections.abc import Sequence
from typing import Any

from bokeh.core.properties import value
from bokeh.models import FixedTicker, HoverTool, LogTicker, NumeralTickFormatter, Range1d
from bokeh.plotting import figure

from daskbench.formats.webpage.palette import FAINT, INK
from daskbench.formats.webpage.text import for_plot, on_axis, shortened

#: Where the largest value is as many times the least, an axis is logarithmic.
_LOG = 30.0
_ROW, _AROUND = 30, 110
_TOOLS = "pan,box_zoom,reset,save"
#: With more entries a legend hides what it explains.
_MOST_IN_LEGEND = 12
#: Of longer names only two fit beside each other on a telephone.
_LONG = 12
#: Fields of tooltips with such a format.
_PRINTED = re.compile(r"@(\w+)\{%")
_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))


def blank(x: str, y: str, *, height: int = 360, x_log: bool = False, y_log: bool = False) -> Any:
    """Return an empty figure whose axes have these titles."""
    made = figure(
        height=height,
        sizing_mode="stretch_width",
        x_axis_type="log" if x_log else "linear",
        y_axis_type="log" if y_log else "linear",
        x_axis_label=for_plot(x),
        y_axis_label=for_plot(y),
        tools=_TOOLS,
        toolbar_location="above",
    )
    _dress(made)
    return made


def rows(labels: Sequence[str], x: str, *, log: bool = False) -> Any:
    """Return a figure with a named row for each label, from the top down."""
    made = blank(x, "", height=_AROUND + _ROW * max(len(labels), 2), x_log=log)
    made.y_range = Range1d(len(labels) - 0.4, -0.6)
    made.yaxis.ticker = FixedTicker(ticks=[*range(len(labels))])
    made.yaxis.major_label_overrides = {n: on_axis(one) for n, one in enumerate(labels)}
    made.ygrid.grid_line_color = None
    return made


def _dress(made: Any) -> None:
    made.toolbar.logo = None
    made.background_fill_alpha = made.border_fill_alpha = 0.0
    made.outline_line_color = None
    made.grid.grid_line_color = FAINT
    for axis in made.axis:
        axis.axis_label_text_color = axis.major_label_text_color = INK
        axis.axis_line_color = axis.major_tick_line_color = INK
        axis.minor_tick_line_color = None
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "13px"


def tell(made: Any, renderers: Sequence[Any], tips: Sequence[tuple[str, str]]) -> None:
    """Show these fields of what is pointed at, by printf's formats; Bokeh escapes their values."""
    printed = {f"@{name}": "printf" for tip in tips for name in _PRINTED.findall(tip[1])}
    made.add_tools(HoverTool(renderers=[*renderers], tooltips=[*tips], formatters=printed))


def explain(made: Any) -> None:
    """Put the legend beside the figure, where a click hides a series."""
    if not made.legend:
        return
    legend = made.legend[0]
    if len(legend.items) > _MOST_IN_LEGEND:
        legend.visible = False
        return
    made.add_layout(legend, "below")
    legend.click_policy, legend.spacing = "hide", 14
    for item in legend.items:
        item.label = value(shortened(item.label.value))
    legend.location = "top_left"
    longest = max((len(str(item.label.value)) for item in legend.items), default=0)
    legend.ncols = 2 if longest > _LONG else 3
    legend.label_text_color = INK
    legend.label_text_font_size = "13px"
    legend.background_fill_alpha = 0.0
    legend.border_line_color = None


def plain_ticks(axis: Any) -> None:
    """Write the ticks of a logarithmic axis as numbers, not as powers."""
    axis.ticker = LogTicker(mantissas=[1, 2, 5], desired_num_ticks=8)
    axis.formatter = NumeralTickFormatter(format="0,0[.]000")


def is_wide(values: Sequence[float]) -> bool:
    """Whether values are so far apart that an axis has to be logarithmic."""
    positive = [one for one in values if one > 0]
    return len(positive) == len(values) and bool(values) and max(values) / min(values) > _LOG


def seconds_unit(most_s: float) -> tuple[float, str]:
    """Return the unit, in seconds, in which to tell times of up to `most_s`, and its name."""
    return next((one for one in _SECONDS if most_s >= one[0]), _SECONDS[-1])


def bytes_unit(most: float) -> tuple[int, str]:
    """Return the unit, in bytes, in which to tell sizes of up to `most`, and its name."""
    return next((one for one in _BYTES if most >= one[0]), _BYTES[-1])
