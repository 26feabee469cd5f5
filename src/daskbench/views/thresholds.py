"""The columns of thresholds of memory: documented beside observed, instead of times."""

from collections.abc import Callable

from daskbench.stats.groups import Group
from daskbench.stats.results import Result
from daskbench.stats.thresholds import Passage
from daskbench.units import format_seconds, format_size
from daskbench.views.cells import NONE, Column, why

SOURCE = "https://distributed.dask.org/en/stable/worker-memory.html"


#: Tasks look at their worker this often: what is shorter is not known.
_LOOK_S = 0.002


def _cell(write: Callable[[Passage], str]) -> Callable[[Result], str]:
    return lambda row: write(row.passage) if row.passage else NONE


def _part(fraction: float | None, digits: int = 1) -> str:
    return NONE if fraction is None else f"{fraction:.{digits}%}"


def _in_force(passage: Passage) -> str:
    fraction = passage.documented_fraction
    return f"{fraction * 100:g}%" if fraction else "off"


def _after(passage: Passage) -> str:
    if passage.delay_s is None:
        return NONE
    return format_seconds(passage.delay_s) if passage.delay_s >= _LOOK_S else "at once"


def _name(row: Result) -> str:
    name, limit = str(row.case.parameters["threshold"]), row.case.memory_limit_bytes
    limits = {case.memory_limit_bytes for case in row.suite.cases}
    return f"{name} of {format_size(limit)}" if limit and len(limits) > 1 else name


LABEL = Column("threshold", _name, right=False)
IN_FORCE = Column("documented", _cell(_in_force))
ACTED = Column("observed", _cell(lambda passage: _part(passage.observed_fraction)))
AFTER = Column("after", _cell(_after))
VERDICT = Column("verdict", lambda row: row.passage.verdict if row.passage else row.status)
FIGURES = (IN_FORCE, ACTED, AFTER, VERDICT)
TEXTS = (
    Column("documented to follow", _cell(lambda passage: passage.documented), False, wraps=True),
    Column("observed to follow", _cell(lambda passage: passage.observed), False, wraps=True),
)


def heading(group: Group) -> str:
    """Say where they were passed."""
    limits = sorted({row.case.memory_limit_bytes or 0 for row in group.results})
    sizes = " and ".join(map(format_size, limits))
    return f"thresholds of worker memory, each passed alone on workers of {sizes}"


def legend(group: Group) -> str:
    """Say how to read them."""
    return (
        "documented: part of the limit above which a worker acts; observed: the most that it held "
        "before it did (target: of data that Dask manages, else of its process); after: from "
        f"crossing to acting; documented in {SOURCE}"
    )


def line(row: Result) -> str:
    """Write a row as one line."""
    if row.passage is None:
        return f"{LABEL.cell(row)}: {why(row)}"
    after = f" ({AFTER.cell(row)} after)" if row.passage.delay_s else ""
    return (
        f"{LABEL.cell(row)}: {row.passage.verdict}: documented {IN_FORCE.cell(row)}, observed "
        f"{ACTED.cell(row)}{after}; documented: {row.passage.documented}; "
        f"observed: {row.passage.observed}"
    )
