"""Escaping of untrusted text, with one function for each output medium.

Names, messages, parameters and journals are data. They may contain terminal control sequences,
Markdown markup or spreadsheet formulas, all of which are escaped so that they stay visible.
"""

import re
from html import escape
from json import dumps
from math import isfinite
from typing import Any
from unicodedata import category

#: The longest line, and table cell, to show; CSV and JSON are not truncated.
MOST_LINE, MOST_CELL = 600, 300
_CUT = " … "

#: Characters other than printable ASCII, each of which is checked.
_OTHERS = re.compile(r"[^ -~]")
#: Letters and marks without a visible glyph: names that differ only in these look alike.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
#: Blocks of letters that are written from right to left.
#: Source: the defaults in https://www.unicode.org/Public/UCD/latest/ucd/extracted/DerivedBidiClass.txt
_LEFTWARDS = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
#: Words of such letters, also with what HTML writes for quotes within them.
_LEFTWARD = re.compile(f"[{_LEFTWARDS}]+(?:(?:[ _-]|&#x27;|&quot;)[{_LEFTWARDS}]+)*")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

#: GitHub notifies mentioned users and links issues, except within a code span.
_MENTION = r"(?P<mention>(?:@[A-Za-z0-9][\w/-]*|#[0-9]+)+|\bGH-[0-9]+)"
_ENTITY = r"(?P<entity><|&(?=[#A-Za-z]))"
#: Markup in any position, underscores except within a word, the bracket that turns the text before
#: it into a link, and what turns a bare address into one.
_MARK = (
    r"(?P<mark>[\\`*|~$]|(?<![^\W_])_+|_+(?![^\W_])|\](?=[(\[:])"
    r"|:(?=//)|(?i:(?<=www)\.|(?<=mailto):|(?<=xmpp):))"
)
#: Links to keep: Dask's documentation, without a full stop that follows.
_DOCUMENTATION = r"(?P<own>https://(?:docs|distributed)\.dask\.org/[a-z/-]*\.html)"
_ACTIVE = re.compile(f"{_DOCUMENTATION}|{_MENTION}|{_ENTITY}|{_MARK}", re.ASCII)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
#: Beginnings that turn a line into a heading, quotation, list, rule or task-list checkbox.
_BEGIN = re.compile(
    r"[0-9]*(?=[.)](?:\s|$))(?<=[0-9])|(?=\[[ xX]\]|[>=]|#+(?:\s|$)|[-+]\s|[-_+]{2,}$)"
)

#: Source: https://owasp.org/www-community/attacks/CSV_Injection, plus the full-width forms, which
#: some spreadsheets treat alike.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Readers that ignore quotes, or split at semicolons, begin a cell after each of these.
_INNER_FORMULA = re.compile(r"(?<=[;\n])(\s*)(?=[=@]|[+-]\s*[^\s0-9.])")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


def whole(text: object) -> str:
    r"""Return text as one line of any length, with invisible characters escaped.

    These are control characters (8-bit ones too), line ends, bidirectional overrides, zero-width
    characters, and lone surrogates. Harmless text is unchanged.

    >>> whole("a\x1b[31m\nb")
    'a\\x1b[31m\\nb'
    """
    return _OTHERS.sub(lambda found: _escaped(found[0]), str(text))


def line(text: object, most: int = MOST_LINE) -> str:
    """Return text as one line for messages and terminals, with the middle of a long one omitted."""
    found = whole(text)
    if len(found) <= most:
        return found
    end = most // 3
    return found[: most - end - len(_CUT)] + _CUT + found[-end:]


def cell(text: object) -> str:
    """Return text as one line, short enough for a name or a table cell."""
    return line(text, MOST_CELL)


def block(text: object) -> str:
    """Return multi-line text, such as a traceback, with its line ends kept."""
    lines = str(text).replace("\r\n", "\n").split("\n")
    return "\n".join(line(one.expandtabs(4)) for one in lines)


def html(text: object, most: int = MOST_LINE) -> str:
    """Return text as one line of HTML content, with all markup escaped.

    >>> html("<b> \u05d0\u05d1 2")
    '&lt;b&gt; <bdi>\u05d0\u05d1</bdi> 2'
    """
    return isolated(attribute(text, most))


def attribute(text: object, most: int = MOST_LINE) -> str:
    """Return text as one line for a quoted attribute of HTML, or a title, which has no markup."""
    return escape(line(text, most))


def isolated(markup: str, before: str = "<bdi>", after: str = "</bdi>") -> str:
    """Return escaped HTML, or other text, in which words from right to left are isolated.

    Otherwise they would reorder the figures and signs beside them.
    Source: https://www.w3.org/International/articles/inline-bidi-markup/
    """
    return _LEFTWARD.sub(rf"{before}\g<0>{after}", markup)


def markdown(text: object, most: int = MOST_LINE) -> str:
    r"""Return text as one line of Markdown, with all markup escaped, including GitHub's.

    It is shown literally in a paragraph, heading, list or table cell. Links to Dask's documentation
    stay links.

    >>> markdown("![x](y) <b> a_b [1, 2]")
    '![x\\](y) &lt;b> a_b [1, 2]'
    """
    shown = _ACTIVE.sub(_passive, line(text, most).strip())
    begin = _BEGIN.match(shown)
    return f"{shown[: begin.end()]}\\{shown[begin.end() :]}" if begin else shown


def code(text: object) -> str:
    """Return text as a Markdown code span, for copying. Not for table cells."""
    shown = line(text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    return f"{fence}{shown}{fence}" if fence == "`" else f"{fence} {shown} {fence}"


def csv(value: object) -> object:
    """Return text as a CSV cell or heading that no spreadsheet interprets as a formula.

    Formulas are prefixed by an apostrophe, as one would type them as text in a spreadsheet. Line
    ends, numbers (also as text) and values other than text are unchanged.
    """
    if not isinstance(value, str):
        return value
    lines = map(whole, value.replace("\r\n", "\n").split("\n"))
    text = _INNER_FORMULA.sub(r"\1'", "\n".join(lines))
    is_formula = text.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def json(document: Any) -> str:
    """Return JSON without NaN, with invisible characters escaped for terminals.

    Numbers that are not finite become null. Lone surrogates, which some JSON parsers reject, are
    escaped as by `line`.
    """
    text = dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False)
    return re.sub(r"[^\n -~]", lambda found: _escaped_in_json(found[0]), text) + "\n"


def _finite(value: Any) -> Any:
    """Return the value with None in place of each number that is not finite."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _escaped(char: str) -> str:
    """Return a character, or its Python escape sequence if it is invisible."""
    if _is_seen(char):
        return char
    code = ord(char)
    short = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return _SHORT.get(char) or (short if code < 0x10000 else f"\\U{code:08x}")


def _escaped_in_json(char: str) -> str:
    if _is_seen(char):
        return char
    return dumps(_escaped(char) if category(char) == "Cs" else char)[1:-1]


def _is_seen(char: str) -> bool:
    return (char.isprintable() or category(char) == "Zs") and char not in _BLANK


def _passive(found: re.Match[str]) -> str:
    if found["own"]:
        return found[0]
    if found["mention"]:
        return f"`{found['mention']}`"
    return _ENTITIES.get(found[0]) or "".join(f"\\{char}" for char in found[0])
