"""Conversion between text and seconds, bytes, counts and shapes."""

import math
import re

from daskbench.errors import UsageError

#: The longest time, three centuries.
LONGEST_S = 1e10

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
}
#: From the largest down.
_SCALES = (
    *((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")),
    *((1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
)
#: As in Dask, where ``4G`` is 4,000,000,000 and ``4Gi`` is binary (dask.utils.byte_sizes).
_BYTES = {
    "": 1,
    "b": 1,
    **{f"{prefix}{b}": 1000**power for power, prefix in enumerate("kmgtp", 1) for b in ("b", "")},
    **{f"{prefix}i{b}": 1024**power for power, prefix in enumerate("kmgtp", 1) for b in ("b", "")},
}
_WRITTEN = ("KiB", "MiB", "GiB", "TiB", "PiB", "kB", "MB", "GB", "TB", "PB")
_NUMBER = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)\s*(\S*)\s*")
_SIGNIFICANT = 3
#: A larger matrix would exceed 8 PiB.
_MOST_ELEMENTS = 2**50


def parse_seconds(text: str) -> float:
    """Parse ``60s``, ``1.5m``, ``200ms`` or a bare number of seconds.

    Raises UsageError if the text is not a duration above zero.
    """
    match = _NUMBER.fullmatch(text)
    scale = _SECONDS.get(match[2] or "s") if match else None
    seconds = float(match[1].replace("_", "")) * scale if match and scale else math.nan
    if not 0 < seconds <= LONGEST_S:
        raise UsageError(f"'{text}' is not a duration above zero; write 60s, 2m or 500ms")
    return seconds


def parse_count(text: str) -> int:
    """Parse ``100000``, ``100_000`` or ``1e5`` as an integer.

    Raises UsageError if the text is not a whole number of at least 1.
    """
    match = _NUMBER.fullmatch(text)
    value = float(match[1].replace("_", "")) if match and not match[2] else math.nan
    if not (1 <= value < 2**53 and value == int(value)):
        raise UsageError(f"'{text}' is not a whole number above zero; write 100000, 100_000 or 1e5")
    return int(value)


def parse_count_or_zero(text: str) -> int:
    """Parse a count, or ``0``, as an integer."""
    return 0 if text.strip() == "0" else parse_count(text)


def parse_bytes(text: str) -> int:
    """Parse ``4GiB``, ``500MB``, ``2G`` (which is 2GB) or a bare number of bytes, as Dask does.

    Raises UsageError if the text is not a size of at least one byte.
    Source: ``dask.utils.parse_bytes``.
    """
    match = _NUMBER.fullmatch(text)
    scale = _BYTES.get(match[2].lower()) if match else None
    size = float(match[1].replace("_", "")) * scale if match and scale else math.nan
    if not 1 <= size < 2**60:
        raise UsageError(f"'{text}' is not a size; write 4GiB, 500MB or a number of bytes")
    return int(size)


def parse_shape(text: str) -> tuple[int, int]:
    """Parse ``2000000x100``, ``2_000_000x100`` or ``2e6x100`` as rows and columns.

    Raises UsageError if the text is not a shape, or too large.
    """
    rows, _, columns = text.strip().lower().partition("x")
    try:
        shape = parse_count(rows), parse_count(columns)
    except UsageError as error:
        raise UsageError(
            f"'{text}' is not a shape; write ROWSxCOLUMNS, as in 2000000x100 or 2e6x100"
        ) from error
    if shape[0] * shape[1] > _MOST_ELEMENTS:
        raise UsageError(f"a matrix of {text} is too large for any memory")
    return shape


def format_shape(shape: tuple[int, int]) -> str:
    """Format a shape as `parse_shape` reads it."""
    return f"{shape[0]}x{shape[1]}"


def two_digits(number: float) -> int:
    """Round a number of at least 1 to two digits.

    >>> two_digits(310_000.0), two_digits(12345), two_digits(1.4)
    (310000, 12000, 1)
    """
    return round(float(f"{number:.2g}"))


def counted(count: int, noun: str, many: str | None = None) -> str:
    """Format a number of things, in the singular or plural.

    >>> counted(1, "loop"), counted(2000, "loop"), counted(2, "launch", "launches")
    ('1 loop', '2,000 loops', '2 launches')
    """
    return f"{count:,} {noun if count == 1 else many or f'{noun}s'}"


def format_seconds(seconds: float) -> str:
    """Format seconds as IPython's ``%timeit`` does: three digits and a suitable unit.

    Source: ``_format_time`` in IPython/core/magics/execution.py.

    >>> format_seconds(0.352), format_seconds(0.000925), format_seconds(75)
    ('352 ms', '925 µs', '1min 15s')
    """
    if seconds >= 60:
        return _format_long(seconds)
    if seconds <= 0:
        return "0 s"
    order = min(-(math.floor(math.log10(seconds)) // 3), 3)
    scaled = seconds * 10 ** (3 * order)
    if float(f"{scaled:.{_SIGNIFICANT}g}") >= 1000 and order > 0:  # 999.9 µs is 1 ms
        order, scaled = order - 1, scaled / 1000
    return f"{scaled:.{_SIGNIFICANT}g} {('s', 'ms', 'µs', 'ns')[max(order, 0)]}"


def format_spread(mean_s: float, std_s: float) -> str:
    """Format a mean and its deviation, of which two digits say enough, in the unit of the mean.

    >>> format_spread(0.387, 0.0518), format_spread(1.95, 0.31), format_spread(5400, 70)
    ('387 ± 52 ms', '1.95 ± 0.31 s', '1.5 ± 0.019 h')
    """
    reached = (one for one in _SCALES if float(f"{mean_s / one[0]:.3g}") >= 1)
    scale, unit = next(reached, _SCALES[-1])
    mean = mean_s / scale
    shown = f"{mean:.0f}" if mean >= 100 else f"{mean:.{_SIGNIFICANT}g}"
    return f"{shown} ± {_two_digits_of(std_s / scale)} {unit}"


def _two_digits_of(value: float) -> str:
    if value <= 0:
        return "0"
    if float(f"{value:.2g}") >= 1:
        return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
    return f"{value:#.2g}"


def _format_long(seconds: float) -> str:
    left, parts = round(seconds), []
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        value, left = divmod(left, length)
        if value:
            parts.append(f"{value}{unit}")
    return " ".join(parts[:2])


def format_size(size: int) -> str:
    """Format a requested size exactly: the shortest text that `parse_bytes` reads as the same.

    >>> format_size(2**30), format_size(4_000_000_000), format_size(1234 * 2**20)
    ('1 GiB', '4 GB', '1234 MiB')
    """
    written = [f"{size / _BYTES[unit.lower()]:.12g} {unit}" for unit in _WRITTEN]
    exact = [text for text in written if "e" not in text and _reads_as(text, size)]
    return min([*exact, f"{size} B"], key=len)


def format_limit(size: int) -> str:
    """Format a limit exactly if it is a round number, otherwise rounded as a measured size."""
    exact = format_size(size)
    return exact if len(exact) <= len("1234 MiB") else format_bytes(size)


def _reads_as(text: str, size: int) -> bool:
    try:
        return parse_bytes(text) == size
    except UsageError:
        return False


def format_bytes(size: float) -> str:
    """Format a measured size in binary units with three digits: ``312 MiB``.

    >>> format_bytes(327155712), format_bytes(512)
    ('312 MiB', '512 B')
    """
    value, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if value < 1000:
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.3g} {unit}"
