"""Results that are too large for one place: they stay where they were computed.

Their chunks are summarised there, and the summaries are compared with those of a synchronous
compute, which holds no more than a few chunks at a time.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import dask
from dask.delayed import Delayed

from daskbench.benchmarks.base import Compute
from daskbench.benchmarks.work.answers import difference
from daskbench.benchmarks.work.comparing.summaries import beyond, unequal
from daskbench.benchmarks.work.summaries import Summary, summarise

#: Results beyond this stay where they are, unless told otherwise.
LARGE_BYTES = 100 << 20
_NAMELESS = "daskbench values"  # of an xarray DataArray within a Dataset


@dataclass(frozen=True)
class Kept:
    """What is known of results that are kept: the rest of the answer, and their summaries.

    `again` summarises one of them with the sums of floats, unless `summaries` have these already.
    """

    rest: Any
    summaries: Sequence[Sequence[Summary]]
    again: Callable[[int], Sequence[Summary]] | None = None

    @property
    def nbytes(self) -> int:
        """The size of the results."""
        return sum(one.nbytes for chunks in self.summaries for one in chunks)


def look(kept: Sequence[Any], rest: Any, compute: Compute) -> Kept:
    """Return what is known of collections that were persisted, or of values without Dask."""
    return Kept(
        (rest, [shell_of(one) for one in kept]),
        _summaries(kept, compute, floats=False),
        lambda at: _summaries([kept[at]], compute, floats=True)[0],
    )


def synchronously(collections: Sequence[Any], rest: Any) -> Kept:
    """Return what a synchronous compute gives, with the sums of floats."""

    def compute(*parts: Any) -> Sequence[Any]:
        values: Sequence[Any] = dask.compute(*parts, scheduler="synchronous")
        return values

    shells = [shell_of(one) for one in collections]
    return Kept((rest, shells), _summaries(collections, compute, floats=True))


def difference_of_kept(answer: Kept, reference: Kept, tolerance: float) -> str | None:
    """Return in one line what differs from the reference; None if nothing does."""
    if found := difference(answer.rest, reference.rest, tolerance):
        return found
    pairs = zip(answer.summaries, reference.summaries, strict=True)
    for at, (ours, theirs) in enumerate(pairs):
        found = _difference(answer, at, ours, theirs, tolerance)
        if found:
            several = len(reference.summaries) > 1
            return f"result {at + 1} of {len(reference.summaries)}: {found}" if several else found
    return None


def _difference(
    answer: Kept, at: int, ours: Sequence[Summary], theirs: Sequence[Summary], tolerance: float
) -> str | None:
    found = unequal(ours, theirs)
    if isinstance(found, str) or not found:
        return found if isinstance(found, str) else None
    whole = answer.again(at) if answer.again else ours
    return beyond(whole, theirs, tolerance)


def _summaries(collections: Sequence[Any], compute: Any, *, floats: bool) -> list[list[Summary]]:
    """Return the summaries of the chunks of each collection, computed together."""
    chunks = [chunks_of(one) for one in collections]
    parts = [
        _summarising(one, floats=floats, bag=_is_bag(collection))
        for collection, own in zip(collections, chunks, strict=True)
        for one in own
    ]
    found = iter(compute(*parts))
    return [[*islice(found, len(own))] for own in chunks]


def chunks_of(collection: Any) -> list[Any]:
    """Return the chunks of a collection, as Delayed objects."""
    if arrays := _arrays_of(collection):
        return [chunk for array in arrays.values() for chunk in chunks_of(array)]
    if isinstance(collection, Delayed) or not hasattr(collection, "to_delayed"):
        return [collection]
    found = collection.to_delayed()
    return [found] if isinstance(found, Delayed) else [*getattr(found, "flat", found)]


def _summarising(chunk: Any, *, floats: bool, bag: bool) -> Any:
    return dask.delayed(summarise, pure=False)(chunk, floats=floats, bag=bag)


def _is_bag(collection: Any) -> bool:
    return _is_of(collection, "dask.bag", "Bag")


def _is_of(collection: Any, module: str, name: str) -> bool:
    """Whether a collection is of a class of a module, which is not imported for this."""
    found = sys.modules.get(module)
    return found is not None and isinstance(collection, getattr(found, name))


def shell_of(collection: Any) -> Any:
    """Return all of a collection except for its chunks: types, names, what is in memory."""
    if isinstance(collection, Delayed):
        return "Delayed"
    name = type(collection).__name__
    whole: Any = _dataset(collection)
    if whole is not None:
        arrays = _arrays_of(collection)
        return name, {key: whole[key].dims for key in arrays}, whole.drop_vars([*arrays])
    meta = getattr(collection, "_meta", None)
    is_frame = hasattr(meta, "iloc") or hasattr(meta, "get_level_values")
    return (name, meta[:0]) if is_frame else name


def _arrays_of(collection: Any) -> dict[Any, Any]:
    """Return the Dask arrays within an xarray object, by name; none of others."""
    whole = _dataset(collection)
    variables = {} if whole is None else whole.variables
    return {name: one.data for name, one in variables.items() if dask.is_dask_collection(one)}


def _dataset(collection: Any) -> Any:
    """Return an xarray object as a Dataset; None for others."""
    if isinstance(collection, Delayed):  # which has any attribute
        return None
    if hasattr(collection, "data_vars"):
        return collection
    if hasattr(collection, "to_dataset") and hasattr(collection, "coords"):
        return collection.to_dataset(name=_NAMELESS)
    return None


def estimated_bytes(collections: Sequence[Any]) -> int:
    """Return the size of the results of collections, before they are computed.

    Arrays know theirs. The partitions of a frame or bag are taken to be as large as the first,
    which is computed for this, unless it is the only one.
    """
    return sum(map(_estimated_bytes, collections))


def _estimated_bytes(collection: Any) -> int:
    if arrays := _arrays_of(collection):
        return sum(map(_estimated_bytes, arrays.values()))
    if isinstance(collection, Delayed):
        return 0
    if _is_of(collection, "dask.array", "Array"):
        known = collection.nbytes  # NaN if the sizes of chunks are unknown
        return int(known) if known == known else _by_first_chunk(collection)
    partitions = getattr(collection, "npartitions", 1)
    return _by_first_chunk(collection) if isinstance(partitions, int) and partitions > 1 else 0


def _by_first_chunk(collection: Any) -> int:
    chunks = chunks_of(collection)
    first = _summarising(chunks[0], floats=False, bag=_is_bag(collection))
    [summary] = dask.compute(first, scheduler="synchronous")
    return int(summary.nbytes) * len(chunks)
