"""Text, colours and down-sampling of pages."""

import html
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.formats.webpage import palette, thinning
from daskbench.formats.webpage.text import (
    attribute,
    cell,
    for_plot,
    in_script,
    on_axis,
    shortened,
    shown,
    whole,
)

_SEVERAL = st.lists(st.floats(0, 1e6), min_size=1, max_size=400)


@given(st.text())
def test_json_in_a_script_says_the_same_and_ends_nothing(text: str) -> None:
    found = in_script({"name": text})
    assert json.loads(found) == {"name": text}
    assert not {*"<>&"} & {*found}


@given(st.text())
def test_html_has_no_markup_of_others(text: str) -> None:
    for found in (shown(text), cell(text), attribute(text)):
        assert not {*"<>\"'"} & {*re.sub("</?bdi>", "", found)}


@pytest.mark.parametrize("name", ["שלום עולם", "مرحبا", "חישוב_ממוצע", "צ'ק", 'צה"ל', "𞤀𞤁", "ﷺ"])
def test_a_name_from_right_to_left_reorders_nothing_beside_it(name: str) -> None:
    """Nor do figures after it, which would move to its other side."""
    escaped = html.escape(name)
    expected = f"threads × 2, <bdi>{escaped}</bdi> 3: 1.25 [1.1, 1.4]; <bdi>{escaped}</bdi>: 2"
    told = f"threads × 2, {name} 3: 1.25 [1.1, 1.4]; {name}: 2"
    assert shown(told) == cell(told) == whole(told) == expected
    assert attribute(name) == escaped


def test_in_plots_it_is_isolated_as_well() -> None:
    name = "בדיקה: 5 ms" + "א" * 200
    for found in (for_plot(name), on_axis(name), shortened(for_plot(name))):
        assert found.startswith("\u2068בדיקה\u2069: 5 ms")
        assert found.count("\u2068") == found.count("\u2069")
    assert shortened(for_plot(name)) == on_axis(name)
    assert len(re.sub("[\u2068\u2069]", "", on_axis(name))) == 44


@given(st.text(alphabet="$\\[(ab "))
def test_no_text_of_a_plot_is_mathematics(text: str) -> None:
    """For which Bokeh would load a library from elsewhere."""
    for found in (for_plot(text), on_axis(text)):
        assert not re.search(r"\$\$|\\\[|\\\(", found)


def test_a_long_name_is_cut_on_an_axis_alone() -> None:
    name = "a" * 200 + "end"
    assert len(on_axis(name)) <= 44
    assert on_axis(name).endswith("end")
    assert on_axis("threads × 2") == "threads × 2"
    assert for_plot(name) == name


def luminance(color: str) -> float:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", [palette.LIGHT, palette.DARK])
@pytest.mark.parametrize("color", [*palette.SERIES, palette.INVALID, palette.GREY])
def test_series_are_seen_on_light_and_dark(color: str, paper: str) -> None:
    assert contrast(color, paper) >= 3.0


def test_words_in_plots_are_read_on_light_and_dark() -> None:
    assert contrast(palette.INK, palette.LIGHT) > 7
    assert contrast(palette.ON_DARK[palette.INK], palette.DARK) > 7


def test_thirty_series_differ_in_colour_or_marker() -> None:
    assert len({(palette.color(n), palette.marker(n)) for n in range(30)}) == 30


@given(_SEVERAL, st.integers(2, 100))
def test_over_time_no_extreme_is_lost(values: list[float], most: int) -> None:
    column = np.array(values)
    places = thinning.in_time(column, most)
    assert len(places) <= max(most, 2)
    assert column[places].max() == column.max()
    assert column[places].min() == column.min()
    assert [*places] == sorted({*places})


@given(_SEVERAL, st.integers(2, 100))
def test_by_rank_the_ends_stay(values: list[float], most: int) -> None:
    column = np.array(values)
    places = thinning.in_order(column, most)
    assert len(places) <= most or len(column) <= most
    assert column[places].max() == column.max()
    assert column[places].min() == column.min()


def test_by_rank_quantiles_stay() -> None:
    column = np.random.default_rng(0).lognormal(size=100_000)
    thin = column[thinning.in_order(column, 1000)]
    every, some = (np.percentile(one, (5, 50, 95)) for one in (column, thin))
    assert some == pytest.approx(every, rel=0.02)


def test_what_is_not_drawn_is_told() -> None:
    assert thinning.told(5, 5, "all") == ""
    assert thinning.told(8_000, 100_000, "evenly").startswith("8,000 of 100,000 samples are drawn")
