"""Functions that mark when they are called, in place of Dask's own."""

from collections.abc import Awaitable, Callable
from typing import Any

#: The function of ``dask.base`` that ``dask.compute`` and ``dask.persist`` call first.
FIRST = "unpack_collections"


def marked(function: Callable[..., Any], mark: Callable[[], object]) -> Callable[..., Any]:
    """Return a function that calls `mark`, and then `function` with all that it was given."""

    def call(*given: Any, **more: Any) -> Any:
        mark()
        return function(*given, **more)

    return call


def marked_after(
    function: Callable[..., Awaitable[Any]], mark: Callable[[], object]
) -> Callable[..., Awaitable[Any]]:
    """Return a function that awaits `function`, and calls `mark` when it is done."""

    async def call(*given: Any, **more: Any) -> Any:
        result = await function(*given, **more)
        mark()
        return result

    return call
