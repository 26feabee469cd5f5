"""Text in the width and the characters of a terminal."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from daskbench.formats.table.words import Words, folded, padded, wrapped

TEXTS = st.text(st.characters(codec="utf-8"), max_size=120)
LINE = "the first 3 samples took 12% longer than the later ones; try --warmup 4: see below"


@given(text=TEXTS, width=st.integers(4, 90))
def test_nothing_is_wider_than_the_page_and_no_word_is_lost(text: str, width: int) -> None:
    said = Words().line(text)
    pieces = folded(said, width)
    assert max(map(cell_len, pieces)) <= width
    assert "".join("".join(pieces).split()) == "".join(said.split())
    lines = [*wrapped(said, width + 4)]
    assert max(line.cell_len for line in lines) <= width + 4
    assert "".join("".join(line.plain for line in lines).split()) == "".join(said.split())


@given(text=TEXTS, most=st.integers(10, 100))
def test_a_brief_line_is_brief_and_a_beginning(text: str, most: int) -> None:
    for words in (Words(), Words(ascii=True)):
        brief, whole = words.brief(text, most), words.line(text)
        assert cell_len(brief) <= most
        assert brief == whole or brief.endswith(" ..." if words.ascii else " …")


@given(text=TEXTS)
def test_a_terminal_that_knows_ascii_gets_ascii(text: str) -> None:
    assert Words(ascii=True).line(text).isascii()
    assert Words(ascii=True).cell(text).isascii()


def test_what_the_tool_prints_is_readable_in_ascii() -> None:
    assert (
        Words(ascii=True).line("threads × 2: 3 ms ± 5 µs █─│") == "threads x 2: 3 ms +/- 5 us #-|"
    )
    assert Words(ascii=True).line("é") == r"\xe9"


def test_a_line_is_cut_between_two_parts_of_a_sentence() -> None:
    assert Words().brief(LINE, 200) == LINE
    assert Words().brief(LINE, 70) == ("the first 3 samples took 12% longer than the later ones …")


def test_wide_characters_take_two_columns() -> None:
    assert padded(Text("解析"), 6, right=True).plain == "  解析"
    assert folded("解析解析", 4) == ["解析", "解析"]
