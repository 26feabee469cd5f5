"""One-line descriptions of exceptions, with their innermost cause.

Dask wraps startup errors several times: "Nanny failed to start." alone is uninformative.
"""

from collections.abc import Iterator

from daskbench.errors import DaskbenchError

_SAYS_NOTHING = "failed to start."


class Explained(RuntimeError):
    """An error whose message is complete without its type and cause."""


def told(error: BaseException) -> str:
    """Describe an exception in one line, with its innermost cause that has a message.

    >>> try:
    ...     raise RuntimeError("Nanny failed to start.") from OSError(24, "Too many open files")
    ... except RuntimeError as error:
    ...     told(error)
    'RuntimeError: Nanny failed to start: [Errno 24] Too many open files'
    """
    text = _text(error)
    if isinstance(error, Explained | DaskbenchError):
        return text
    line = f"{type(error).__name__}: {text or 'no message'}"
    inner, is_context, all_explicit = error, False, True
    for cause, is_explicit in _chain(error):
        all_explicit = all_explicit and is_explicit
        if _text(cause):
            inner, is_context = cause, not all_explicit
    why = _text(inner)
    if inner is error or why in line:
        return line
    if not (isinstance(inner, Explained) or (isinstance(inner, OSError) and inner.errno)):
        why = f"{type(inner).__name__}: {why}"
    if is_context and not text.endswith(_SAYS_NOTHING):
        return f"{line} (after {why})"
    return f"{line.rstrip('.')}: {why}"


def _chain(error: BaseException) -> Iterator[tuple[BaseException, bool]]:
    """Yield each cause or context in turn, and whether it is explicit (``raise ... from``)."""
    seen = {id(error)}
    while step := _before(error):
        error, is_explicit = step
        if id(error) in seen:
            return
        seen.add(id(error))
        yield error, is_explicit


def _before(error: BaseException) -> tuple[BaseException, bool] | None:
    if isinstance(error, BaseExceptionGroup):
        return error.exceptions[0], True
    if error.__cause__ is not None:
        return error.__cause__, True
    if error.__context__ is not None and not error.__suppress_context__:
        return error.__context__, False
    return None


def _text(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except Exception as another:
        return f"its message can't be read: str() raised {type(another).__name__}"
