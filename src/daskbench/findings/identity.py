"""What differs from the defaults inside lanes: configuration, switches, variables, sources."""

from collections.abc import Iterable, Iterator

from daskbench.document import Said
from daskbench.findings.rules import CONFIGURATION, Rule
from daskbench.identity import configured, switches_that_disturb
from daskbench.journal.run import Run
from daskbench.lane.schedulers import config_section
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.units import counted

_MOST = 5


def switches(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Switches that change the speed of all Python code."""
    rows = _rows(run, tables)
    told = _by_line(
        (line, row)
        for row in rows
        for line in switches_that_disturb(run.identities[row.number], row.case.side.env)
    )
    for line, found in told.items():
        yield f"{line}{_where(found, rows)}"


def configuration(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Dask configuration that was set by the user's files and variables."""
    rows = _rows(run, tables)
    told = _by_line((line, row) for row in rows for line in _configured(run, row))
    lines = [f"{line}{_where(found, rows)}" for line, found in told.items()]
    more = [f"and {len(lines) - _MOST} more ('daskbench doctor')"] if len(lines) > _MOST else []
    if lines:
        others = f" and {len(lines) - 1} more ('daskbench doctor')" if len(lines) > 1 else ""
        yield Said(
            f"Dask has non-default configuration: {'; '.join([*lines[:_MOST], *more])}",
            f"non-default Dask configuration: {lines[0]}{others}",
        )


def _configured(run: Run, row: Result) -> list[str]:
    known = {*row.case.side.config, *row.case.side.variables}
    return configured(run.identities[row.number], config_section(row.case.scheduler), known)


def _rows(run: Run, tables: list[ResultTable]) -> list[Result]:
    """Return the rows whose lanes reported an identity, and that compute with Dask or NumPy."""
    rows = [row for table in tables if not table.reference for row in table.results]
    return [row for row in rows if row.number in run.identities]


def _by_line(found: Iterable[tuple[str, Result]]) -> dict[str, list[Result]]:
    told: dict[str, list[Result]] = {}
    for line, row in found:
        told.setdefault(line, []).append(row)
    return told


def _where(found: list[Result], rows: list[Result]) -> str:
    """Return in which rows, if not in all."""
    if len(found) == len(rows):
        return ""
    places = [*dict.fromkeys(row.label for row in found)]
    if len(places) > _MOST:
        return f" (in {counted(len(found), 'row')} of {len(rows)})"
    return f" (in {', '.join(places)})"


RULES = (Rule(switches), Rule(configuration, see=CONFIGURATION))
