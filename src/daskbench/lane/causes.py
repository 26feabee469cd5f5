"""Exceptions in words: what failed, and the innermost cause of it.

Dask wraps what went wrong at a start several times: "Nanny failed to start." says nothing.
"""

from collections.abc import Iterator

_SAYS_NOTHING = "failed to start."


class Explained(RuntimeError):
    """An error whose message says all of it: neither its type nor its cause adds anything."""


def told(error: BaseException) -> str:
    """Return an exception in a line, with the innermost of its causes that has a message.

    >>> try:
    ...     raise RuntimeError("Nanny failed to start.") from OSError(24, "Too many open files")
    ... except RuntimeError as error:
    ...     told(error)
    'RuntimeError: Nanny failed to start: [Errno 24] Too many open files'
    """
    text = _text(error)
    if isinstance(error, Explained):
        return text
    line = f"{type(error).__name__}: {text or 'no message'}"
    inner, meanwhile, on_purpose = error, False, True
    for cause, is_meant in _chain(error):
        on_purpose = on_purpose and is_meant
        if _text(cause):
            inner, meanwhile = cause, not on_purpose
    why = _text(inner)
    if inner is error or why in line:
        return line
    if not (isinstance(inner, Explained) or (isinstance(inner, OSError) and inner.errno)):
        why = f"{type(inner).__name__}: {why}"
    if meanwhile and not text.endswith(_SAYS_NOTHING):
        return f"{line} (after {why})"
    return f"{line.rstrip('.')}: {why}"


def _chain(error: BaseException) -> Iterator[tuple[BaseException, bool]]:
    """Yield what an exception came of, and whether it was raised from that on purpose."""
    seen = {id(error)}
    while step := _before(error):
        error, is_meant = step
        if id(error) in seen:
            return
        seen.add(id(error))
        yield error, is_meant


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
        return f"its message can't be read, as that raises {type(another).__name__}"
