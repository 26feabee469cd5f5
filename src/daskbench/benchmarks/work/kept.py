"""Results that are too large for one place: they stay where they were computed.

Their chunks are summarised there, and the summaries are compared with those of a synchronous
compute, which holds no more than a few chunks at a time.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import dask
from dask.delayed import Delayed

from daskbench.benchmarks.work.answers import difference
from daskbench.benchmarks.work.comparing.summaries import beyond, unequal
from daskbench.benchmarks.work.structure import Shape
from daskbench.benchmarks.work.summaries import Summary, summarise

_Compute = Callable[..., Sequence[Any]]
_IN_THREADS = partial(dask.compute, scheduler="threads")
_SYNCHRONOUSLY = partial(dask.compute, scheduler="synchronous")
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


def look(kept: Sequence[Any], rest: Any, compute: _Compute) -> Kept:
    """Return what is known of collections that were persisted.

    Those that are in this process are summarised here, as other processes would get copies.
    """
    if not any(map(_is_elsewhere, kept)):
        compute = _IN_THREADS
    return Kept(
        (rest, [shell_of(one) for one in kept]),
        _summaries(kept, compute, floats=False),
        lambda at: _summaries([kept[at]], compute, floats=True)[0],
    )


def synchronously(collections: Sequence[Any], rest: Any) -> Kept:
    """Return what a synchronous compute gives, with the sums of floats."""

    shells = [shell_of(one) for one in collections]
    return Kept((rest, shells), _summaries(collections, _SYNCHRONOUSLY, floats=True))


def cut(answer: Any, collections: Sequence[Any], shape: Shape) -> Kept:
    """Return what is known of an answer of the plain version, cut like these collections.

    Raises ValueError if its structure is another, or if the sizes of chunks are unknown.
    """
    shells = [shell_of(one) for one in collections]
    pairs = zip(collections, shape.values_in(answer), strict=True)
    summaries = [
        [summarise(chunk, bag=is_bag(one)) for chunk in _cut(value, one)] for one, value in pairs
    ]
    return Kept((shape.outline, shells), summaries)


def _cut(value: Any, collection: Any) -> Iterator[Any]:
    if arrays := _arrays_of(collection):
        whole: Any = _dataset(value)
        for name, array in arrays.items():
            yield from _cut(whole[name].data, array)
    elif _is_of(collection, "dask.array", "Array"):
        from dask.array.core import slices_from_chunks  # imported by works that use arrays

        for part in slices_from_chunks(collection.chunks):
            yield value[part]
    else:
        yield value


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


def _summaries(
    collections: Sequence[Any], compute: Callable[..., Sequence[Any]], *, floats: bool
) -> list[list[Summary]]:
    """Return the summaries of the chunks of each collection, computed together."""
    chunks = [chunks_of(one) for one in collections]
    parts = [
        _summarising(one, floats=floats, bag=is_bag(collection))
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


def is_bag(collection: Any) -> bool:
    """Whether a collection is a bag, which promises no order of its items."""
    return _is_of(collection, "dask.bag", "Bag")


def _is_elsewhere(collection: Any) -> bool:
    """Whether the chunks of a collection are held by workers."""
    distributed: Any = sys.modules.get("distributed")
    return distributed is not None and bool(distributed.futures_of(collection))


def _is_of(collection: Any, module: str, name: str) -> bool:
    """Whether a collection is of a class of a module, which is not imported for this."""
    found = sys.modules.get(module)
    return found is not None and isinstance(collection, getattr(found, name))


def shell_of(collection: Any) -> Any:
    """Return all of a collection except for its chunks: types, names, what is in memory."""
    if isinstance(collection, Delayed):
        return "Delayed"
    name, whole = type(collection).__name__, _dataset(collection)
    if whole is not None:
        return name, *_without_arrays(whole)
    meta: Any = getattr(collection, "_meta", None)
    is_frame = hasattr(meta, "iloc") or hasattr(meta, "get_level_values")
    return (name, meta[:0]) if is_frame else name


def _without_arrays(whole: Any) -> tuple[Any, Any]:
    """Return the dimensions of a Dataset's Dask arrays, and the Dataset without these."""
    arrays = _arrays_of(whole)
    return {name: whole[name].dims for name in arrays}, whole.drop_vars([*arrays])


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
    first = _summarising(chunks[0], floats=False, bag=is_bag(collection))
    [summary] = dask.compute(first, scheduler="synchronous")
    return int(summary.nbytes) * len(chunks)
