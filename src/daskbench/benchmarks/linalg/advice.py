"""Options that would make a poor approximation better: pure functions of figures."""

from collections.abc import Mapping

from daskbench.benchmarks.base import Parameters
from daskbench.units import counted

#: The relative error of an approximate value above which advice is given.
_POOR = 0.01
_MORE_SAMPLES = 4
_ENOUGH = 4  # more power iterations rarely pay (dask.array.linalg.svd_compressed)


def on_approximation(parameters: Parameters, figures: Mapping[str, float]) -> str | None:
    """Return which value of ``svd_compressed`` has the largest error, and what to try."""
    error = figures.get("error", 0.0)
    values = [name for name in figures if name.startswith("error_")]
    if error <= _POOR or not values:
        return None
    worst = max(values, key=lambda name: figures[name])
    iterations = int(parameters.get("power_iterations", 0))
    turns = [f"--power-iterations {iterations + 2}"] if iterations < _ENOUGH else []
    turns += ["--iterator QR"] if iterations and parameters.get("iterator") != "QR" else []
    oversamples = int(parameters.get("oversamples", 0))
    turns.append(f"--oversamples {_MORE_SAMPLES * max(oversamples, 5)}")
    return (
        f"value {worst.removeprefix('error_')} of {parameters.get('k')} is {error:.0%} too small "
        f"with {counted(iterations, 'power iteration')}; try {' or '.join(turns)}"
    )
