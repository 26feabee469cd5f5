"""Text as a terminal can show it: harmless, on one line, and in ASCII if it knows nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from daskbench import harmless

GAP = 2
_CUT = " …"
#: Where a sentence that is too long may end, the best first, and from which part of the room on.
_BREAKS = ("; ", ", ", " (", ": ", " ")
_FROM = 0.75
#: What this tool prints itself; of others' text each character is escaped.
_ASCII = str.maketrans(
    {
        "×": "x",
        "±": "+/-",
        "µ": "u",
        "…": "...",
        "█": "#",
        "▒": "+",
        "░": ".",
        "▚": "%",
        "─": "-",
        "│": "|",
        "└": "`",
        "▁": "_",
        "▂": "_",
        "▃": "-",
        "▄": "-",
        "▅": "=",
        "▆": "=",
        "▇": "#",
    }
)


@dataclass(frozen=True)
class Words:
    """Turns text into what may be printed."""

    ascii: bool = False

    def line(self, text: object) -> str:
        """Return a line of text, for sentences."""
        return self._known(harmless.line(text))

    def cell(self, text: object) -> str:
        """Return a line of text that is short enough for a cell."""
        return self._known(harmless.cell(text))

    def brief(self, text: object, most: int) -> str:
        """Return a line of at most `most` characters, cut between two parts of a sentence."""
        whole, cut = self.line(text), self._known(_CUT)
        if cell_len(whole) <= most:
            return whole
        room = max(most - len(cut), 1)
        start = set_cell_size(whole, room)
        ends = (start.rfind(mark) for mark in _BREAKS)
        end = next((end for end in ends if end > room * _FROM), len(start))
        return start[:end].rstrip() + cut

    def _known(self, text: str) -> str:
        if not self.ascii:
            return text
        return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return cell_len(text)


def padded(text: Text, width: int, *, right: bool) -> Text:
    """Return a text that is not wider than `width` with spaces before or after it."""
    space = Text(" " * (width - text.cell_len))
    return space + text if right else text + space


def wrapped(text: str, width: int, style: str = "", indent: int = 0) -> Iterator[Text]:
    """Yield a sentence in lines; all but the first are indented a little more."""
    first, *others = folded(text, width - indent)
    yield Text(" " * indent + first, style)
    if others:
        rest = folded(text[len(first) :].lstrip(), width - indent - GAP)
        yield from (Text(" " * (indent + GAP) + piece, style) for piece in rest)


def folded(text: str, width: int) -> list[str]:
    """Return the pieces of a text, each at most `width` wide, broken after a space if possible."""
    return [*_folded(text, max(width, 2))]


def _folded(text: str, width: int) -> Iterator[str]:
    while cell_len(text) > width:
        first = chop_cells(text, width)[0]
        if (space := first.rstrip().rfind(" ")) > width // 2 and text[len(first)] != " ":
            first = first[: space + 1]
        yield first.rstrip()
        text = text[len(first) :].lstrip()
    yield text
