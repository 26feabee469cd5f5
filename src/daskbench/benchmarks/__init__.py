"""What can be computed: one file a benchmark, and one line here to register it."""

import sys
from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import cast

from daskbench.benchmarks.base import Benchmark, BenchmarkType, Parameter, Parameters
from daskbench.errors import UsageError, nearest

BENCHMARKS = {
    "calc_mean": "daskbench.benchmarks.calc_mean:CalcMean",
    "svd": "daskbench.benchmarks.svd:Svd",
    "hardware": "daskbench.benchmarks.hardware:Hardware",
    "svd_compressed": "daskbench.benchmarks.svd_compressed:SvdCompressed",
    "thresholds": "daskbench.benchmarks.thresholds:Thresholds",
}

#: The names of modules loaded from users' files begin so; nobody else can import them.
USERS_OWN = "daskbench_users_own_"


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
    """Load a user's own, under a module name that no other file and no package has."""
    if not path.is_file():
        raise UsageError(f"there is no file {path} to take the benchmark {attribute} from")
    whole = str(path.resolve())
    name = f"{USERS_OWN}{path.stem}_{sha256(whole.encode()).hexdigest()[:8]}"
    module = sys.modules.get(name) or _load(name, path)
    found = getattr(module, attribute, None)
    parameters = getattr(found, "parameters", None)
    if not callable(found):
        raise UsageError(f"{path} has no class {attribute}")
    if not isinstance(parameters, Mapping) or not all(
        isinstance(parameter, Parameter) for parameter in parameters.values()
    ):
        raise UsageError(f"{path}: {attribute} has no 'parameters', a dict of Parameter by name")
    return cast(BenchmarkType, found)


def _load(name: str, path: Path) -> ModuleType:
    spec = spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[name] = module
    sys.path.append(str(path.resolve().parent))  # for what it imports from beside it
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UsageError(f"{path} can't be loaded: {type(error).__name__}: {error}") from error
    return module


def make_benchmark(name: str, parameters: Parameters, seed: int) -> Benchmark:
    """Return the benchmark called `name` with its parameters set.

    Raises UsageError where they don't go together.
    """
    try:
        return find_benchmark(name)(**parameters, seed=seed)
    except TypeError as error:
        raise UsageError(f"the benchmark {name} can't be made: {error}") from error
