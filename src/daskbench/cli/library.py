"""``daskbench bench list``: the built-in benchmarks, by families."""

from collections.abc import Iterator

from daskbench.benchmarks.describe import Described, families
from daskbench.resources import memory
from daskbench.units import format_bytes

_WIDTH, _FEW = 16, 2


def lines() -> Iterator[str]:
    """Yield the lines that describe all built-in benchmarks."""
    for family, benchmarks in families():
        yield f"{family}:"
        for benchmark in benchmarks:
            yield f"  {benchmark.name:<{_WIDTH}}{benchmark.line}"
            yield f"  {'':<{_WIDTH}}{_sizes(benchmark)}"
            if benchmark.lacking:
                yield f"  {'':<{_WIDTH}}not installed: {benchmark.lacking}"
        yield ""
    here = memory()
    yield f"Sizes are for {format_bytes(here.amount)} of memory ({here.source})."
    yield "'daskbench bench NAME --help' shows all parameters of a benchmark."


def _sizes(benchmark: Described) -> str:
    """Return the main parameter for each size; without sizes the first parameters' defaults."""
    if not benchmark.sizes:
        first = [*benchmark.parameters.items()][:_FEW]
        return ", ".join(f"{name}: {_shown(value)}" for name, value in first)
    [main] = benchmark.sizes["S"]
    each = (f"{size} {_shown(values[main])}" for size, values in benchmark.sizes.items())
    return f"{main}: {', '.join(each)}"


def _shown(value: int | float | str) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
