"""Bars of rows as small pictures."""

import re

import pytest

from daskbench.document import Column, Row, Table
from daskbench.document.chart import Axis, Bar
from daskbench.formats import svg


def pictures(*bars: Bar | None, axis: Axis = "from zero") -> list[str]:
    return svg.bars_of(Table([Column("a", "a")], [Row(["x"], bar=bar) for bar in bars], axis))


def ends(picture: str) -> tuple[float, float]:
    """Where a whisker begins and ends."""
    (found,) = re.findall(r"M([\d.]+) 10H([\d.]+)", picture)
    return float(found[0]), float(found[1])


def test_bars_grow_from_zero_on_one_axis() -> None:
    one, two, none = pictures(Bar(1.0), Bar(2.0), None)
    widths = [float(re.findall(r'<rect [^>]*width="([\d.]+)"', text)[0]) for text in (one, two)]
    assert widths[1] == pytest.approx(2 * widths[0])
    assert none == ""


def test_an_interval_far_beyond_the_bars_is_cut() -> None:
    (cut,) = pictures(Bar(1.0, 0.5, 100.0))
    low, high = ends(cut)
    assert 0 < low < high <= 200
    assert cut.count("6V14") == 1


@pytest.mark.parametrize(
    ("bars", "axis", "expected"),
    [
        ((Bar(1.0, 0.5, 1.2),), "from zero", [(2, 0)]),  # the axis ends where it does
        ((Bar(1.0, 0.5, 1.6),), "from zero", [(1, 1)]),
        ((Bar(1.0, -0.5, 1.2),), "from zero", [(1, 1)]),
        ((Bar(1.06, 0.88, 1.27),), "around one", [(0, 2)]),
        ((Bar(0.9, 0.8, 1.01),), "around one", [(1, 1)]),
        ((Bar(2.0, 1.9, 2.1), Bar(1.0, 0.2, 1.1)), "around one", [(2, 0), (1, 1)]),
        ((Bar(1.0, 0.0, 1.01),), "around one", [(1, 1)]),
    ],
)
def test_an_end_beyond_the_axis_is_an_arrow(
    bars: tuple[Bar, ...], axis: Axis, expected: list[tuple[int, int]]
) -> None:
    """Either end; a tick there would tell of an interval that is shorter."""
    found = pictures(*bars, axis=axis)
    assert [(text.count("6V14"), text.count("6L")) for text in found] == expected


def test_ratios_stand_around_one() -> None:
    same, slower, faster = pictures(
        Bar(1.0, 0.9, 1.1), Bar(2.0, 1.8, 2.2), Bar(0.5, 0.45, 0.55), axis="around one"
    )
    middles = [sum(ends(text)) / 2 for text in (faster, same, slower)]
    assert middles == sorted(middles)
    assert middles[1] == pytest.approx(100, abs=1)
    assert all("stroke-dasharray" in text for text in (same, slower, faster))


@pytest.mark.parametrize("axis", ["from zero", "around one"])
def test_odd_figures_draw_something(axis: Axis) -> None:
    found = pictures(Bar(0.0), Bar(-1.0, -2.0, 0.0), Bar(1e300, 0.0, 1e308), axis=axis)
    assert not [text for text in found if "nan" in text or "inf" in text]


def test_only_tables_with_figures_have_a_title() -> None:
    assert svg.title_of(Table([Column("a", "a")], [Row(["x"])])) == ""
    assert svg.title_of(Table([Column("a", "a")], [Row(["x"], bar=Bar(1.0))])) == "to scale"
