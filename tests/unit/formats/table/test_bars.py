"""Bars and their whiskers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.document.chart import Axis, Bar
from daskbench.formats.table.bars import ASCII, UNICODE, Glyphs, draw_all, title_of

ENDS = st.floats(1e-3, 1e3)
BARS = st.lists(
    st.none()
    | st.builds(Bar, ENDS)
    | st.tuples(ENDS, ENDS, ENDS).map(lambda of: Bar(sorted(of)[1], min(of), max(of))),
    max_size=8,
)


def glyphs_of(glyphs: Glyphs) -> set[str]:
    return {*vars(glyphs).values(), " ", "<"}


@pytest.mark.parametrize("axis", ["from zero", "around one"])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@given(bars=BARS, width=st.integers(6, 40))
def test_a_bar_has_its_width_and_only_its_characters(
    axis: Axis, glyphs: Glyphs, bars: list[Bar | None], width: int
) -> None:
    drawn = draw_all(bars, axis, width, glyphs)
    assert [len(text) for text in drawn] == [width if bar else 0 for bar in bars]
    assert {char for text in drawn for char in text} <= glyphs_of(glyphs)


@given(values=st.lists(ENDS, min_size=2, max_size=8), width=st.integers(6, 40))
def test_a_longer_time_has_no_shorter_bar(values: list[float], width: int) -> None:
    drawn = draw_all([Bar(value) for value in values], "from zero", width, ASCII)
    lengths = {value: text.count("=") for value, text in zip(values, drawn, strict=True)}
    order = [lengths[value] for value in sorted(values)]
    assert order == sorted(order)
    assert order[0] >= 1
    assert order[-1] == width


def test_an_interval_is_a_whisker_around_the_value() -> None:
    drawn = draw_all([Bar(1.0), Bar(2.0, 1.5, 2.5)], "from zero", 10, ASCII)
    assert drawn == ["====      ", "=====[-o-]"]
    unicode = draw_all([Bar(1.0), Bar(2.0, 1.5, 2.5)], "from zero", 10, UNICODE)
    assert unicode == ["████      ", "█████├─●─┤"]


def test_an_interval_that_would_squeeze_all_bars_is_cut() -> None:
    first, second = draw_all([Bar(1.0), Bar(1.0, 0.5, 50.0)], "from zero", 12, ASCII)
    assert first.count("=") == 8
    assert second.endswith(">")


def test_ratios_stand_on_either_side_of_one() -> None:
    bars = [Bar(0.5, 0.48, 0.52), Bar(1.0, 0.99, 1.01), Bar(2.0, 1.9, 2.1), Bar(1.0, 0.7, 1.4)]
    faster, same, slower, open_ = draw_all(bars, "around one", 21, ASCII)
    assert faster.index("o") < 10 < slower.index("o")
    assert faster[10] == slower[10] == ":"
    assert same[10] == open_[10] == "o"
    assert open_.index("[") < 10 < open_.index("]")


def test_whether_an_interval_holds_one_is_seen() -> None:
    [text, _] = draw_all([Bar(1.3, 0.9, 1.9), Bar(0.5, 0.5, 0.5)], "around one", 21, ASCII)
    assert text[10] == "+"


def test_the_sides_of_one_are_named_if_there_is_room() -> None:
    assert title_of("around one", "", 21, UNICODE).index("┊") == 10
    assert title_of("around one", "", 9, UNICODE) == ""


@pytest.mark.parametrize(
    ("width", "title"), [(30, "relative time"), (13, "relative time"), (12, "time"), (3, "")]
)
def test_a_title_has_the_words_for_which_there_is_room(width: int, title: str) -> None:
    assert title_of("from zero", "relative time", width, UNICODE) == title
