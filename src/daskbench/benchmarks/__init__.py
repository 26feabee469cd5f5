"""What can be computed: one file a benchmark, and one line here to register it."""

import sys
from importlib import import_module
from pathlib import Path

from daskbench.benchmarks.base import Benchmark, BenchmarkType, Parameters
from daskbench.errors import UsageError, nearest

BENCHMARKS = {
    "calc_mean": "daskbench.benchmarks.calc_mean:CalcMean",
}


def find_benchmark(name: str) -> BenchmarkType:
    """Return the class of the benchmark called `name`: one of ours, or ``FILE.py:CLASS``.

    Raises UsageError where there is none.
    """
    file, _, attribute = name.rpartition(":")
    if file.endswith(".py"):
        return _from_file(Path(file), attribute)
    if name not in BENCHMARKS:
        raise UsageError(f"no benchmark '{name}': {nearest(name, BENCHMARKS)}, or FILE.py:CLASS")
    module, _, attribute = BENCHMARKS[name].partition(":")
    found: BenchmarkType = getattr(import_module(module), attribute)
    return found


def _from_file(path: Path, attribute: str) -> BenchmarkType:
    """Load a user's own, so that pools and workers can import it by its name too."""
    if not path.is_file():
        raise UsageError(f"there is no file {path} to take the benchmark {attribute} from")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        found: BenchmarkType = getattr(import_module(path.stem), attribute)
    except AttributeError as error:
        raise UsageError(f"{path} has no class {attribute}") from error
    except Exception as error:
        raise UsageError(f"{path} can't be loaded: {type(error).__name__}: {error}") from error
    return found


def make_benchmark(name: str, parameters: Parameters, seed: int) -> Benchmark:
    """Return the benchmark called `name` with its parameters set."""
    return find_benchmark(name)(**parameters, seed=seed)
