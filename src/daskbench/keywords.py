"""Keyword arguments, which may be tables of others, and keys of Dask's configuration."""

from collections.abc import Iterator, Mapping
from typing import Any

Options = Mapping[str, Any]


def merged(*options: Options) -> dict[str, Any]:
    """Return options with those that follow in place of earlier ones, also within tables."""
    found: dict[str, Any] = {}
    for more in options:
        for key, value in more.items():
            before = found.get(key)
            both = isinstance(before, Mapping) and isinstance(value, Mapping)
            found[key] = merged(before, value) if both else value  # type: ignore[arg-type]
    return found


def words_of(options: Options, before: str = "") -> Iterator[str]:
    """Yield options as they may be written: names within tables with dots.

    >>> [*words_of({"cores": 4, "worker_options": {"protocol": "tls"}})]
    ['cores=4', 'worker_options.protocol=tls']
    """
    for key, value in options.items():
        if isinstance(value, Mapping) and value:
            yield from words_of(value, f"{before}{key}.")
        else:
            yield f"{before}{key}={value}"


def variable_of(key: str) -> str:
    """Return the environment variable from which Dask reads a key of its configuration.

    >>> variable_of("distributed.scheduler.worker-saturation")
    'DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION'
    """
    return f"DASK_{key.upper().replace('.', '__').replace('-', '_')}"
