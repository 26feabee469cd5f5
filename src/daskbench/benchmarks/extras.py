"""Packages that some benchmarks need beside Dask and NumPy."""

from importlib.util import find_spec

from daskbench.errors import UsageError

#: The packages of each extra of ``pip install daskbench[EXTRA]``.
EXTRAS = {"dataframe": ("pandas", "pyarrow"), "xarray": ("xarray", "pandas")}


def missing(extra: str) -> list[str]:
    """Return the packages of an extra that are not installed."""
    return [package for package in EXTRAS[extra] if find_spec(package) is None]


def require(benchmark: str, extra: str) -> None:
    """Raise UsageError if a package of an extra is not installed."""
    if lacking := missing(extra):
        raise UsageError(
            f"{benchmark} needs {' and '.join(lacking)}: pip install 'daskbench[{extra}]'"
        )
