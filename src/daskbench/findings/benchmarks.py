"""What benchmarks tell of their own work."""

from collections.abc import Iterator

from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.groups import Group
from daskbench.units import counted

#: An approximate value that is further off than this part of itself is told of.
_POOR = 0.01
_MORE_SAMPLES = 4
_ENOUGH = 4  # more power iterations than this seldom pay (dask.array.linalg.svd_compressed)


def notes(run: Run, groups: list[Group]) -> Iterator[str]:
    """A way of computing that was not the one asked for, and why."""
    for group in groups:
        for row in group.results:
            if not group.tells_failures:  # else its note is in the table
                yield from (f"{row.label}: {note}" for note in row.notes)


def poor_approximation(run: Run, groups: list[Group]) -> Iterator[str]:
    """Values of svd_compressed that are far off, and what to turn."""
    for group in groups:
        for row in group.results:
            parameters = row.case.parameters
            error = row.figures.get("error", 0.0)
            if row.case.benchmark != "svd_compressed" or error <= _POOR:
                continue
            worst = max(
                (name for name in row.figures if name.startswith("error_")),
                key=lambda name: row.figures[name],
            )
            iterations = int(parameters.get("power_iterations", 0))
            turns = [f"--power-iterations {iterations + 2}"] if iterations < _ENOUGH else []
            turns += ["--iterator QR"] if iterations and parameters.get("iterator") != "QR" else []
            oversamples = int(parameters.get("oversamples", 0))
            turns.append(f"--oversamples {_MORE_SAMPLES * max(oversamples, 5)}")
            yield (
                f"{row.label}: value {worst.removeprefix('error_')} of {parameters['k']} is "
                f"{error:.0%} too small with {counted(iterations, 'power iteration')}; "
                f"try {' or '.join(turns)}"
            )


RULES = (Rule(notes), Rule(poor_approximation))
