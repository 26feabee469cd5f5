"""Text from outside made harmless, by one function for each medium in which it is shown.

Names, messages, parameters and whatever stands in a journal are data. They may hold what a terminal
obeys, what Markdown turns into a picture, or what a spreadsheet runs: it is escaped, and so seen.
"""

import re
from json import dumps
from math import isfinite
from typing import Any
from unicodedata import category

#: Longer than this nobody reads a line, or a cell of a table; CSV and JSON have all of it.
MOST_LINE, MOST_CELL = 600, 300
_CUT = " … "

#: Characters that are not plain ASCII, each of which is looked at.
_OTHERS = re.compile(r"[^ -~]")
#: Letters and marks that take no ink: names that differ in them alone look alike.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

#: GitHub notifies who is mentioned (and links issues), unless it stands in a code span.
_MENTION = r"(?P<mention>(?:@[A-Za-z0-9][\w/-]*|#[0-9]+)+|\bGH-[0-9]+)"
_ENTITY = r"(?P<entity><|&(?=[#A-Za-z]))"
#: What is a mark wherever it stands, underscores but for those inside a word, the bracket that
#: makes a link of what is before it, and what makes one of a bare address.
_MARK = (
    r"(?P<mark>[\\`*|~$]|(?<![^\W_])_+|_+(?![^\W_])|\](?=[(\[:])"
    r"|:(?=//)|(?i:(?<=www)\.|(?<=mailto):|(?<=xmpp):))"
)
#: What is ours to link to. A full stop after it is not a part of it.
_DOCUMENTATION = r"(?P<own>https://(?:docs|distributed)\.dask\.org/[a-z/-]*\.html)"
_ACTIVE = re.compile(f"{_DOCUMENTATION}|{_MENTION}|{_ENTITY}|{_MARK}", re.ASCII)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
#: What makes a heading, a quotation, a list, a rule or a box to tick of the line it begins.
_BEGIN = re.compile(
    r"[0-9]*(?=[.)](?:\s|$))(?<=[0-9])|(?=\[[ xX]\]|[>=]|#+(?:\s|$)|[-+]\s|[-_+]{2,}$)"
)

#: Source: https://owasp.org/www-community/attacks/CSV_Injection, with the full-width forms that
#: some spreadsheets read as the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: What reads CSV without its quotes, or splits at semicolons, begins a cell after each.
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
    """Return text as one line for messages and terminals; the middle of a long one is left out."""
    found = whole(text)
    if len(found) <= most:
        return found
    end = most // 3
    return found[: most - end - len(_CUT)] + _CUT + found[-end:]


def cell(text: object) -> str:
    """Return text as one line, short enough for a name or a table cell."""
    return line(text, MOST_CELL)


def block(text: object) -> str:
    """Return text of several lines, such as a traceback, with its line ends."""
    lines = str(text).replace("\r\n", "\n").split("\n")
    return "\n".join(line(one.expandtabs(4)) for one in lines)


def markdown(text: object, most: int = MOST_LINE) -> str:
    r"""Return text as one line of Markdown (GitHub's, too), with all markup escaped.

    It stands for itself in a paragraph, a heading, a list or a cell of a table. Links to Dask's own
    documentation stay links.

    >>> markdown("![x](y) <b> a_b [1, 2]")
    '![x\\](y) &lt;b> a_b [1, 2]'
    """
    shown = _ACTIVE.sub(_passive, line(text, most).strip())
    begin = _BEGIN.match(shown)
    return f"{shown[: begin.end()]}\\{shown[begin.end() :]}" if begin else shown


def code(text: object) -> str:
    """Return text as a Markdown code span, to be copied. Not for table cells."""
    shown = line(text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    return f"{fence}{shown}{fence}" if fence == "`" else f"{fence} {shown} {fence}"


def csv(value: object) -> object:
    """Return text as a CSV cell or heading that no spreadsheet takes for a formula.

    An apostrophe stands before it, as whoever types it there would write it. Line ends stay, and so
    do numbers, also as text, and what is no text.
    """
    if not isinstance(value, str):
        return value
    lines = map(whole, value.replace("\r\n", "\n").split("\n"))
    text = _INNER_FORMULA.sub(r"\1'", "\n".join(lines))
    is_formula = text.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def json(document: Any) -> str:
    """Return JSON without NaN, with invisible characters escaped for terminals.

    What is not finite is null. A lone surrogate, which other readers of JSON refuse, becomes the
    text that `line` shows.
    """
    text = dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False)
    return re.sub(r"[^\n -~]", lambda found: _escaped_in_json(found[0]), text) + "\n"


def _finite(value: Any) -> Any:
    """Return the same with None for each number that JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _escaped(char: str) -> str:
    """Return a character, or its escape in Python's notation if it is invisible."""
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
