"""Reliable benchmarks for Dask.

The public interface for Python is what ``__all__`` names. It is imported when it is first used, so
that ``import daskbench`` takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daskbench.api import Bench, bench
    from daskbench.benchmarks.base import (
        Benchmark,
        Compute,
        Evaluation,
        Needs,
        Parameter,
        Place,
        Traits,
    )
    from daskbench.errors import DaskbenchError, UsageError

__version__ = "0.1.0"

__all__ = [
    "Bench",
    "Benchmark",
    "Compute",
    "DaskbenchError",
    "Evaluation",
    "Needs",
    "Parameter",
    "Place",
    "Traits",
    "UsageError",
    "__version__",
    "bench",
]

_MODULES = {
    "Bench": "daskbench.api",
    "bench": "daskbench.api",
    "DaskbenchError": "daskbench.errors",
    "UsageError": "daskbench.errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module 'daskbench' has no attribute '{name}'")
    return getattr(import_module(_MODULES.get(name, "daskbench.benchmarks.base")), name)


def __dir__() -> list[str]:
    return [*__all__]


def load_ipython_extension(shell: Any) -> None:
    """Register ``%daskbench`` and ``%%daskbench``: what ``%load_ext daskbench`` calls."""
    from daskbench.notebook import register

    register(shell)
