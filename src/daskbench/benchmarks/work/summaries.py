"""Summaries of the chunks of a large result, computed where the chunks are.

This module runs on workers, also on those of a cluster without daskbench, to which it is sent; so
it imports nothing of daskbench.
"""

import marshal
import pickle
import sys
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import cloudpickle
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

#: Floats in a group, and groups of the rows of a frame.
_GROUP, _GROUPS = 4096, 1024
WRAP = 1 << 64
#: Significant digits to which floats among other items are compared.
_DIGITS = 6


class Sums(NamedTuple):
    """Weighted sums of groups of floats, and of their magnitudes, each of shape (groups,).

    The weights depend on the place of a value, so that values cannot change places unnoticed.
    `special` is a checksum of where NaN and infinities are.
    """

    values: Array
    sizes: Array
    special: int
    rounding: float


class Summary(NamedTuple):
    """What is known of a chunk: its type, its number of values or rows, bytes, and checksum.

    `exact` is the checksum of all that has no tolerance. `sums` are by column, or of the whole
    array. Those that are not `ordered` can be added up.
    """

    schema: str
    length: int
    nbytes: int
    checksum: int
    exact: int = 0
    sums: Mapping[str, Sums] = {}
    ordered: bool = True


def summarise(chunk: Any, *, floats: bool = True, bag: bool = False) -> Summary:
    """Return the summary of a chunk, of a `bag` or another; without `floats`, sums are left out."""
    pandas: Any = sys.modules.get("pandas")
    if pandas and isinstance(chunk, pandas.DataFrame | pandas.Series | pandas.Index):
        return _of_frame(chunk.to_frame() if chunk.ndim == 1 else chunk, floats)
    if bag:
        return _of_items([*chunk])
    if isinstance(chunk, np.ndarray | np.generic) and not np.asarray(chunk).dtype.hasobject:
        return _of_array(np.asarray(chunk), floats)
    data = _pickled(_rounded(chunk))
    return Summary(type(chunk).__name__, 1, len(data), zlib.crc32(data), zlib.crc32(data))


def _of_array(array: Array, floats: bool) -> Summary:
    data = np.ascontiguousarray(array)
    schema = f"{array.dtype} of shape {array.shape}"
    checksum = zlib.crc32(data.reshape(-1).view(np.uint8).data) if data.size else 0
    if array.dtype.kind not in "fc":
        return Summary(schema, array.size, array.nbytes, checksum, checksum)
    sums = {"": _sums_of(data)} if floats else {}
    return Summary(schema, array.size, array.nbytes, checksum, 0, sums)


def _sums_of(array: Array) -> Sums:
    """Return the sums of groups of consecutive values; a complex number counts as two."""
    flat = array.reshape(-1)
    flat = flat.view(flat.real.dtype) if array.dtype.kind == "c" else flat
    places = np.arange(0, flat.size, _GROUP)
    weights = 0.5 + np.modf(np.arange(_GROUP) * 0.6180339887498949)[0]
    sums, special = np.zeros((2, len(places))), 0
    for at, start in enumerate(places.tolist()):
        group, found = _finite(flat[start : start + _GROUP])
        special = zlib.crc32(found, special) if found else special
        own = weights[: group.size]
        sums[:, at] = own @ group, own @ np.abs(group)
    return Sums(sums[0], sums[1], special, float(np.finfo(array.dtype).eps))


def _finite(values: Array) -> tuple[Array, bytes]:
    """Return values in double precision with 0 for NaN and infinities, and where these are."""
    with np.errstate(all="ignore"):
        wide = values.astype(np.float64)
    finite = np.isfinite(wide)
    if finite.all():
        return wide, b""
    codes = np.where(finite, 0, np.where(np.isnan(wide), 3, np.sign(wide))).astype(np.int8)
    return np.where(finite, wide, 0.0), codes.tobytes()


def _of_frame(frame: Any, floats: bool) -> Summary:
    """Summarise a partition by hashes of its rows, which are added up, so order is irrelevant.

    An unnamed index of integers is left out: it often numbers the rows of each partition.
    """
    pandas: Any = sys.modules["pandas"]
    numbers = frame.index.names == [None] and frame.index.dtype.kind in "iu"
    if not numbers:
        names = [f"index level {at}" for at in range(frame.index.nlevels)]
        frame = frame.set_axis(frame.index.set_names(names), axis=0).reset_index()
    kinds = [_kind_of_column(dtype) for dtype in frame.dtypes]
    named = [f"[{name!r}]" for name in frame]
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(named, kinds, strict=True))
    frame = frame.set_axis(range(frame.shape[1]), axis=1)
    real = [at for at, kind in enumerate(kinds) if kind.startswith(("float", "Float"))]
    whole = _row_hashes(pandas, frame)
    exact = _row_hashes(pandas, frame.drop(columns=real)) if real and floats else whole
    sums = {named[at]: _sums_of_column(frame[at], exact) for at in real if floats}
    size = int(frame.memory_usage(deep=True, index=False).sum())
    return Summary(schema, len(frame), size, _total(whole), _total(exact), sums, ordered=False)


def _kind_of_column(dtype: Any) -> str:
    """Return a dtype's name, the same for all ways to store strings."""
    text = str(dtype)
    return "string" if text.startswith(("string", "large_string", "str", "object")) else text


def _row_hashes(pandas: Any, frame: Any) -> Array:
    if not frame.shape[1]:
        return np.zeros(len(frame), np.uint64)
    try:
        found: Array = pandas.util.hash_pandas_object(frame, index=False).to_numpy()
    except Exception:  # objects that cannot be hashed
        rows = frame.astype(object).itertuples(index=False, name=None)
        found = np.array([zlib.crc32(_pickled(_rounded(row))) for row in rows], np.uint64)
    return found


def _total(hashes: Array) -> int:
    return int(np.add.reduce(hashes, dtype=np.uint64)) if len(hashes) else 0


def _sums_of_column(column: Any, hashes: Array) -> Sums:
    """Return the sums of groups of rows that the hash of their exact columns selects."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    finite, special = _finite(values)
    codes = np.frombuffer(special, np.int8) if special else np.zeros(len(values), np.int8)
    groups = (hashes % _GROUPS).astype(np.int64)
    weights = 0.5 + (hashes >> np.uint64(32)).astype(float) / (1 << 32)
    sums = [np.bincount(groups, weights * one, _GROUPS) for one in (finite, np.abs(finite))]
    where = int(np.add.reduce((hashes | np.uint64(1)) * codes.astype(np.uint64), dtype=np.uint64))
    numpy_dtype = getattr(column.dtype, "numpy_dtype", column.dtype)
    return Sums(sums[0], sums[1], where, float(np.finfo(numpy_dtype).eps))


def _of_items(items: Sequence[Any]) -> Summary:
    """Summarise the items of a bag by checksums, which are added up, so order is irrelevant."""
    data = [_pickled(_rounded(item)) for item in items]
    total = sum(zlib.crc32(one) * 0x9E3779B97F4A7C15 + len(one) for one in data) % WRAP
    return Summary("items", len(items), sum(map(len, data)), total, total, ordered=False)


def _rounded(value: Any) -> Any:
    """Return a value whose pickle does not depend on rounding errors."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if type(value) in (list, tuple):
        return type(value)(map(_rounded, value))
    if type(value) is dict:
        return sorted(((repr(key), _rounded(one)) for key, one in value.items()), key=str)
    return value


def _pickled(value: Any) -> bytes:
    """Return the bytes of a value; the name of its type if nothing can pickle it.

    Marshal comes first: it has no references, so equal values have equal bytes.
    """
    for dump in (lambda it: marshal.dumps(it, 2), pickle.dumps, cloudpickle.dumps):
        try:
            return bytes(dump(value))
        except Exception:
            continue
    return type(value).__name__.encode()
