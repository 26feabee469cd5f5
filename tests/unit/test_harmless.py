"""Text from outside, made harmless for each medium."""

import json
import re
from unicodedata import category

import pytest
from markdown_it import MarkdownIt

from daskbench import harmless

UNSEEN = [c for c in map(chr, range(0x110000)) if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
HOSTILE = (
    "[/x] [bold]b[/bold]",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil\x07link\x1b]8;;\x07 \x1b]0;title\x07",
    "\x9b31m \x9d0;title\x9c \x90q\x9c",
    "<script>alert(1)</script> <img src=x onerror=y> <!-- c --> &lt;b&gt; &#60;b&#62;",
    "![i](http://evil/i.png) [l](http://evil) [r][r] [r]\n\n[r]: http://evil [f]: <http://evil>",
    "@everyone and me@evil.org, #1, GH-1, http://evil www.evil.org <http://evil> mailto:a@b.c",
    "a | b \\| c \\",
    "``` `code` ~~~ ~~s~~ *e* **s** _e_ __s__ $m$",
    "\n# h\n\n- l\n\n---\n\n> q\n\n    code\n\n| a |\n|---|\n",
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "a;=1",
    "\u202egnp.exe \u2066x\u2069 \u200b\u200d\ufeff\u00ad\u2028\u2029\u3164",
    "\ud800 \udc80 \x00 \x7f \x85",
    "n" * 10_000,
)  # fmt: skip


def passive(text: str) -> list[str]:
    """Return the types of Markdown tokens that do something, however deep."""
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    every = [token for one in tokens for token in (one, *(one.children or ()))]
    text_only = {"inline", "text", "code_inline", "paragraph_open", "paragraph_close"}
    return [token.type for token in every if token.type not in text_only]


def is_seen(text: str) -> bool:
    return not any(category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)


def test_a_line_holds_no_character_of_all_that_is_not_seen() -> None:
    assert is_seen(harmless.whole("".join(UNSEEN)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("calc_mean n=5 × ± µ 測 é", "calc_mean n=5 × ± µ 測 é"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\r\nb\tc\0", r"a\r\nb\tc\x00"),
        ("\u202eexe.\U000e0041", r"\u202eexe.\U000e0041"),
        ("\udc80", r"\udc80"),
    ],
)
def test_a_line_shows_what_is_not_seen_as_an_escape(text: str, shown: str) -> None:
    assert harmless.line(text) == shown
    assert harmless.line(shown) == shown


def test_of_a_long_line_stand_its_begin_and_its_end() -> None:
    shown = harmless.line("begin" + "x" * 10_000 + "end")
    assert len(shown) == harmless.MOST_LINE
    assert shown.startswith("begin")
    assert shown.endswith("end")


def test_a_block_keeps_its_line_ends() -> None:
    assert harmless.block("a\n\tb\r\n\x1bc") == "a\n    b\n\\x1bc"


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_is_text_and_nothing_else(text: str) -> None:
    shown = harmless.markdown(text)
    assert is_seen(shown)
    assert passive(shown) == []
    assert passive(f"**w**: {shown}") == ["strong_open", "strong_close"]


@pytest.mark.parametrize("char", [chr(code) for code in range(0x21, 0x7F)])
def test_no_mark_of_markdown_is_active(char: str) -> None:
    for text in (char, char * 2, char * 3, f"{char} a", f"{char}a{char}", f"1{char} a", f"a{char}"):
        shown = harmless.markdown(f"{text} b {text}")
        assert passive(shown) == []


def test_markdown_shows_what_it_was_given() -> None:
    for text in ("a_b [1, 2] & c", r"\* \| \\", "&lt;b&gt; <b>", "1. a", "# a", "```a```"):
        children = MarkdownIt("gfm-like", {"linkify": False}).parse(harmless.markdown(text))
        assert "".join(token.content for token in children[1].children or ()) == text


@pytest.mark.parametrize("text", ["[0.49, 0.56]", "1 [0.49, 0.56]", "[threads] × 2", "a]b["])
def test_a_bracket_that_makes_no_link_stays(text: str) -> None:
    assert harmless.markdown(text) == text
    assert passive(f"| {text} |") == []


@pytest.mark.parametrize("text", ["[x] done", "[ ] to do", "[x]"])
def test_no_box_can_be_ticked(text: str) -> None:
    assert harmless.markdown(text).startswith("\\[")


def test_a_cell_of_markdown_ends_no_cell() -> None:
    row = harmless.markdown("a | b \\| c \\")
    found = MarkdownIt("gfm-like", {"linkify": False}).parse(f"| x | y |\n|---|---|\n| {row} | z |")
    cells = [token.content for token in found if token.type == "inline"]
    assert len(cells) == 4
    assert cells[3] == "z"


def test_whoever_is_mentioned_is_not_told() -> None:
    shown = harmless.markdown("@all @a@b #12 user@evil.org `@x`")
    tokens = MarkdownIt().parse(shown)[1].children or []
    assert not any(
        mark in token.content for token in tokens if token.type == "text" for mark in "@#"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_csv_begins_a_formula(text: str) -> None:
    shown = harmless.csv(text)
    assert isinstance(shown, str)
    assert is_seen(shown.replace("\n", ""))
    for cell in (shown, *re.split("[;\n]", shown)):
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("value", ["-1.5", "+2", "-1e-9", ".5", "a-b", "x", -1.5, None, 3])
def test_numbers_and_words_stay_as_they_are_in_csv(value: object) -> None:
    assert harmless.csv(value) == value


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_seen_and_holds_all(text: str) -> None:
    shown = harmless.json({"a": [text], text: 1})
    assert is_seen(shown.replace("\n", ""))
    back = text.replace("\ud800", r"\ud800").replace("\udc80", r"\udc80")
    assert json.loads(shown) == {"a": [back], back: 1}


def test_json_is_written_as_before_where_text_is_harmless() -> None:
    document = {"label": "threads × 2", "x": [1.5, None, "é"]}
    assert harmless.json(document) == json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def test_links_to_the_documentation_of_dask_stay_links_in_markdown() -> None:
    link = "https://distributed.dask.org/en/stable/worker-memory.html"
    assert harmless.markdown(f"see {link}.") == f"see {link}."
    assert harmless.markdown("https://docs.dask.org.evil.example/a.html").startswith("https\\:")
