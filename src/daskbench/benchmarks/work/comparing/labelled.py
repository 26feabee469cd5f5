"""Comparison of xarray's objects, by dimensions, coordinates and values, and of sparse matrices."""

import sys
from typing import Any

import numpy as np

from daskbench.benchmarks.work.comparing.base import Comparison, Difference, kind_of


def _is_of(value: object, module: str, *names: str) -> bool:
    """Whether a value is of a class of a module, which is not imported for this."""
    found = sys.modules.get(module)
    kinds = tuple(kind for name in names if isinstance(kind := getattr(found, name, None), type))
    return bool(kinds) and isinstance(value, kinds)


def is_dataset(value: object) -> bool:
    """Whether a value is an xarray Dataset."""
    return _is_of(value, "xarray", "Dataset")


def is_data_array(value: object) -> bool:
    """Whether a value is an xarray DataArray or Variable."""
    return _is_of(value, "xarray", "DataArray", "Variable")


def is_sparse(value: object) -> bool:
    """Whether a value is a sparse matrix or array of SciPy."""
    return _is_of(value, "scipy.sparse", "sparray", "spmatrix")


def datasets(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two datasets, whatever the order of their variables."""
    if type(answer) is not type(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    for part in ("coords", "data_vars"):
        ours, theirs = dict(getattr(answer, part)), dict(getattr(reference, part))
        if found := comparison.compare(_variables(ours), _variables(theirs)):
            return found
    return _named(comparison, answer.attrs, reference.attrs, ".attrs")


def _variables(found: Any) -> dict[Any, Any]:
    return {name: array.variable for name, array in found.items()}


def data_arrays(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two arrays with names of dimensions, coordinates and attributes."""
    if _is_of(reference, "xarray", "DataArray") != _is_of(answer, "xarray", "DataArray"):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    if answer.dims != reference.dims:
        return Difference(f"dimensions {answer.dims} instead of {reference.dims}")
    for name in ("name", "data", "coords", "attrs"):
        if not hasattr(reference, name):
            continue
        ours, theirs = getattr(answer, name), getattr(reference, name)
        if name == "coords":
            ours, theirs = _variables(dict(ours)), _variables(dict(theirs))
        if found := _named(comparison, ours, theirs, "" if name == "data" else f".{name}"):
            return found
    return None


def _named(comparison: Comparison, ours: Any, theirs: Any, where: str) -> Difference | None:
    found = comparison.compare(ours, theirs)
    return found.within(where) if found else None


def sparse(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two sparse matrices by what they represent, in whatever order it is stored."""
    if type(answer) is not type(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    if answer.shape != reference.shape:
        return Difference(f"shape {answer.shape} instead of {reference.shape}")
    if answer.dtype != reference.dtype:
        return Difference(f"dtype {answer.dtype} instead of {reference.dtype}")
    one, other = _canonical(answer), _canonical(reference)
    if found := comparison.compare(one[:-1], other[:-1]):
        count = max(len(one[-1]), len(other[-1]))
        return Difference(f"other elements are nonzero, of {count:,}")
    found = comparison.compare(one[-1], other[-1])
    return found and Difference(f"nonzero elements: {found.what}")


def _canonical(matrix: Any) -> tuple[Any, ...]:
    """Return coordinates and values of the nonzero elements, in order."""
    found = matrix.tocoo(copy=True)
    found.sum_duplicates()
    found.eliminate_zeros()
    coordinates = [np.asarray(part, dtype=np.int64) for part in found.coords]
    order = np.lexsort(coordinates)
    return (*(part[order] for part in coordinates), found.data[order])
