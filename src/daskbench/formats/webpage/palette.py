"""Colours that colour-blind readers can tell apart, on light and on dark paper.

Source: Okabe & Ito (2008), "Color Universal Design", and IBM's colour-blind safe palette; those of
both that have a contrast of at least 3:1 to either paper (WCAG 2.2, 1.4.11). No plot tells anything
by colour alone: markers, dashes or places on an axis say the same.
"""

LIGHT, DARK = "#ffffff", "#16161c"
#: Of axes and words in plots, on light paper. The page replaces these by `ON_DARK` where it is
#: dark, as what is drawn on a canvas knows no style sheet.
INK, FAINT = "#1c1c22", "#d8d8de"
ON_DARK = {INK: "#e8e8ee", FAINT: "#3c3c46"}
SERIES = ("#0072b2", "#d55e00", "#009e73", "#b5668f", "#785ef0")
MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex")
DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot")
#: Of samples that are no figures.
INVALID = "#d55e00"
GREY = "#808088"


def color(number: int) -> str:
    """Return the colour of a series."""
    return SERIES[number % len(SERIES)]


def marker(number: int) -> str:
    """Return the marker of a series: with colours it tells thirty apart."""
    return MARKERS[number % len(MARKERS)]


def dash(number: int) -> str:
    """Return the dash pattern of a series."""
    return DASHES[number % len(DASHES)]
