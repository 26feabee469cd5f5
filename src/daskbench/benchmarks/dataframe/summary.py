"""Summaries of partitions, which prove a result too large to gather.

A row has a digest, that of all its values, and a set of rows the sum of theirs modulo 2**64. So
lost, doubled or changed rows are found, whatever the order of rows and their partitions.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def digest(frame: "pd.DataFrame") -> int:
    """Return the sum of the digests of a frame's rows, without its index, modulo 2**64."""
    import pandas as pd

    hashes = pd.util.hash_pandas_object(frame[sorted(frame.columns)], index=False)
    return int(hashes.to_numpy().sum(dtype=np.uint64))


def total(digests: Iterable[int]) -> int:
    """Return the digest of several sets of rows together."""
    return sum(digests) % 2**64


def summarise(frame: "pd.DataFrame", key: str) -> "pd.DataFrame":
    """Return one row: the number of rows, their digest, and what is known of the column `key`.

    `key` may be the index.
    """
    import pandas as pd

    flat = frame if key in frame.columns else frame.reset_index()
    values = flat[key]
    found = {
        "rows": len(flat),
        "digest": np.array([digest(flat)], dtype=np.uint64),
        "distinct": values.nunique(),
        "sorted": values.is_monotonic_increasing,
        "first": float(values.min()) if len(flat) else np.nan,
        "last": float(values.max()) if len(flat) else np.nan,
    }
    return pd.DataFrame(found, index=[0])


def summaries(
    result: Any, key: str, compute: Callable[..., Sequence[Any]] | None = None
) -> "pd.DataFrame":
    """Return a summary of each partition, in their order, or of each of a list of pandas frames.

    Of one pandas frame there is just one.
    """
    import pandas as pd

    if isinstance(result, list):
        return pd.concat([summarise(one, key) for one in result], ignore_index=True)
    if isinstance(result, pd.DataFrame):
        return summarise(result, key)
    assert compute
    [found] = compute(result.map_partitions(summarise, key, meta=summarise(result._meta, key)))
    parts: pd.DataFrame = found
    return parts.reset_index(drop=True)
