"""The heading of a table of times: what it computes, and how often."""

from daskbench.model import Settings
from daskbench.stats.result_tables import ResultTable
from daskbench.units import counted


def heading_of(table: ResultTable) -> str:
    """Return what a table computes and how often."""
    settings, place = table.suite.settings, ""
    if cluster := table.suite.cluster.described:
        place = f", cluster {cluster}"
    each = " each" if settings.launches > 1 and settings.warmup else ""
    warmup = f"{settings.warmup} warm-up{each}"
    return f"{table.what} ({rounds_text(settings)}, {warmup}, {blas_text(table)}{place})"


def parted(heading: str) -> tuple[str, str]:
    """Return what was measured, and how, which stands in parentheses at the end of a heading."""
    what, begins, how = heading.rpartition(" (")
    return (what, how.removesuffix(")")) if begins and how.endswith(")") else (heading, "")


def blas_text(table: ResultTable) -> str:
    """Return ``BLAS threads 1``, or all numbers of threads that were found."""
    found = sorted(
        {row.lane.blas_threads for row in table.results if row.lane.blas_threads is not None}
    )
    return f"BLAS threads {'/'.join(map(str, found)) or 'unknown'}"


def rounds_text(settings: Settings) -> str:
    """Return ``7 rounds`` or ``5 launches × 7 rounds``, and until when more may follow."""
    rounds = counted(settings.rounds, "round")
    if settings.launches > 1:
        rounds = f"{counted(settings.launches, 'launch', 'launches')} × {rounds}"
    if settings.decide:
        return f"{rounds} or more, until all rows are decided"
    if settings.precision is None:
        return rounds
    return f"{rounds} or more for a precision of {100 * settings.precision:g}%"
