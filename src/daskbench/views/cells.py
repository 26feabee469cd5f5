"""What every column is: a title and one way to write each cell."""

from collections.abc import Callable
from dataclasses import dataclass

from daskbench.stats.results import Result

NONE = "-"


@dataclass(frozen=True)
class Column:
    """A title and how a result is written under it. Figures stand to the right; text may wrap."""

    title: str
    cell: Callable[[Result], str]
    right: bool = True
    wraps: bool = False


def why(result: Result) -> str:
    """Say why a row has no figures, or not all of them."""
    return f"{result.status}: {result.reason}" if result.reason else result.status
