"""What decompositions tell of themselves, and of the machine that they come near."""

from collections.abc import Iterator

from daskbench.journal.run import Run
from daskbench.stats.groups import Group
from daskbench.stats.results import Result
from daskbench.units import counted, format_bytes

#: An approximate value that is further off than this part of itself is told of.
_POOR = 0.01
_MORE_SAMPLES = 4
_ENOUGH = 4  # more power iterations than this seldom pay (dask.array.linalg.svd_compressed)


def hardware(run: Run, groups: list[Group]) -> Iterator[str]:
    """What one core, and all of them, did in dgemm and in moving memory."""
    for group in groups:
        if not group.is_hardware:
            continue
        for row in group.results:
            if row.status in ("failed", "skipped"):
                yield f"hardware, {_probe(row)}: {row.status}: {row.reason}"
        flops = [
            f"{(row.flops_per_s or 0) / 1e9:.3g} GFLOP/s on {_cores(row)}"
            for row in group.results
            if row.flops_per_s
        ]
        moved = [
            f"{format_bytes(row.bytes_per_s or 0)}/s on {_cores(row)}"
            for row in group.results
            if row.bytes_per_s
        ]
        rates = [f"dgemm {', '.join(flops)}"] if flops else []
        rates += [f"memory {', '.join(moved)}"] if moved else []
        if rates:
            yield f"this machine in the same rounds: {'; '.join(rates)}"


def _probe(row: Result) -> str:
    return f"{row.case.parameters.get('probe')} on {_cores(row)}"


def _cores(row: Result) -> str:
    return counted(row.case.blas_threads or 1, "core")


def notes(run: Run, groups: list[Group]) -> Iterator[str]:
    """A way of computing that was not the one asked for, and why."""
    for group in groups:
        for row in group.results:
            if row.passage is None:  # its note is in the table
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


def in_turns(run: Run, groups: list[Group]) -> Iterator[str]:
    """Lanes that could not be open together, and of which suite."""
    suites = dict.fromkeys(group.suite.name for group in groups)
    for suite in suites:
        own = [group for group in groups if group.suite.name == suite and not group.is_thresholds]
        which = f"{suite}: " if len(suites) > 1 else ""
        yield from (f"{which}{reason}" for reason in {one.suite.in_turns for one in own} if reason)


RULES = (notes, poor_approximation, in_turns, hardware)
