import math
from contextlib import suppress

import dask.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.errors import UsageError
from daskbench.model import Case
from daskbench.units import (
    format_bytes,
    format_seconds,
    format_size,
    parse_bytes,
    parse_count,
    parse_count_or_zero,
    parse_seconds,
)

NUMBERLIKE = st.from_regex(r"\A\s*[-+]?[0-9_.]{0,12}([eE][-+]?[0-9]{0,4})?\s*[a-zµ]{0,3}\s*\Z")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60s", 60),
        ("60", 60),
        ("1.5m", 90),
        ("2min", 120),
        ("1h", 3600),
        ("200ms", 0.2),
        ("925 us", 925e-6),
        ("925 µs", 925e-6),
        ("40ns", 40e-9),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("  1_000 ms ", 1),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "0", "0s", "-1s", "1 day", "1s 2", "inf", "nan", "1e999", "1e-999", "1,5s"]
)
def test_what_is_no_duration_above_zero_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="is not a duration") as error:
        parse_seconds(text)
    assert f"'{text}'" in str(error.value)


@pytest.mark.parametrize(
    ("text", "count"),
    [("1", 1), ("100000", 100_000), ("100_000", 100_000), ("1e5", 100_000), ("7.0", 7), (" 4 ", 4)],
)
def test_counts_are_read(text: str, count: int) -> None:
    found = parse_count(text)
    assert found == count
    assert type(found) is int


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "1e-1", "3s", "x", "inf", "1e16", "True"])
def test_what_is_no_whole_number_above_zero_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="is not a whole number") as error:
        parse_count(text)
    assert f"'{text}'" in str(error.value)


@pytest.mark.parametrize(("text", "count"), [("0", 0), (" 0 ", 0), ("1", 1), ("1e3", 1000)])
def test_counts_that_may_be_zero_are_read(text: str, count: int) -> None:
    found = parse_count_or_zero(text)
    assert found == count
    assert type(found) is int


@pytest.mark.parametrize("text", ["", "-1", "-0", "0.5", "False", "x"])
def test_what_is_no_whole_number_nor_zero_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="is not a whole number") as error:
        parse_count_or_zero(text)
    assert f"'{text}'" in str(error.value)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("512", 512),
        ("512B", 512),
        ("4GiB", 4 << 30),
        ("4gib", 4 << 30),
        ("4 GiB", 4 << 30),
        ("2G", 2 * 10**9),
        ("2Gi", 2 << 30),
        ("2k", 2000),
        ("500MB", 500_000_000),
        ("1.5KiB", 1536),
        ("0.5kB", 500),
        ("1e9", 10**9),
        ("1_000 MB", 10**9),
        ("1TB", 10**12),
        ("1PiB", 1 << 50),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    found = parse_bytes(text)
    assert found == size
    assert type(found) is int


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.5", "-1GiB", "GiB", "1 GiB 2", "4GiBs", "4XB", "inf", "nan", "1e30", "auto"],
)
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="is not a size; write 4GiB, 500MB") as error:
        parse_bytes(text)
    assert f"'{text}'" in str(error.value)


@given(st.integers(1, 999) | st.integers(1024, 2**53))  # 1004 B are 0.98 KiB, which are 1003 B
def test_every_size_survives_writing_and_reading(size: int) -> None:
    assert parse_bytes(str(size)) == size
    assert parse_bytes(format_size(size)) == size
    assert dask.utils.parse_bytes(format_size(size)) == size
    shown = format_bytes(size)
    assert parse_bytes(shown) == pytest.approx(size, rel=6e-3)
    assert format_bytes(parse_bytes(shown)) == shown


@given(
    st.integers(1, 2**40) | st.floats(1, 2**40) | st.decimals(1, 2**40, places=3),
    st.sampled_from(["", " ", "  "]),
    st.sampled_from([*dask.utils.byte_sizes]) | st.sampled_from(["kB", "KiB", "Gi", "G"]),
)
def test_every_size_is_read_as_dask_reads_it(number: object, gap: str, unit: str) -> None:
    text = f"{number}{gap}{unit}"
    try:
        size = parse_bytes(text)
    except UsageError:
        assert not 1 <= dask.utils.parse_bytes(text) < 2**60
    else:
        assert size == dask.utils.parse_bytes(text)


@given(st.text() | NUMBERLIKE)
def test_no_text_is_another_size_for_dask(text: str) -> None:
    with suppress(UsageError, ValueError):  # whose, is another question
        assert parse_bytes(text) == dask.utils.parse_bytes(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, "1 B"),
        (1000, "1 kB"),
        (1024, "1 KiB"),
        (4 * 10**9, "4 GB"),
        (3 << 29, "1.5 GiB"),
        (1219 << 20, "1219 MiB"),
        ((1 << 30) + 1, "1073741825 B"),
    ],
)
def test_what_was_asked_for_is_written_to_the_byte(size: int, text: str) -> None:
    assert format_size(size) == text


@given(st.text() | NUMBERLIKE)
def test_any_text_is_a_size_or_a_usage_error(text: str) -> None:
    try:
        size = parse_bytes(text)
    except UsageError:
        return
    assert size >= 1


@given(st.text() | NUMBERLIKE)
def test_any_text_is_a_count_or_zero_or_a_usage_error(text: str) -> None:
    try:
        count = parse_count_or_zero(text)
    except UsageError:
        return
    assert count >= 0


@given(st.integers(1, 2**53 - 1))
def test_every_count_survives_writing_and_reading(count: int) -> None:
    assert parse_count(str(count)) == count
    assert parse_count(f"{count:_}") == count


@given(st.floats(1e-9, 59.9))
def test_a_written_duration_reads_as_the_same_to_three_digits(seconds: float) -> None:
    assert parse_seconds(format_seconds(seconds)) == pytest.approx(seconds, rel=5.1e-3)


@given(st.text() | NUMBERLIKE)
def test_any_text_is_a_duration_or_a_usage_error(text: str) -> None:
    try:
        seconds = parse_seconds(text)
    except UsageError:
        return
    assert 0 < seconds < math.inf


@given(st.text() | NUMBERLIKE)
def test_any_text_is_a_count_or_a_usage_error(text: str) -> None:
    try:
        count = parse_count(text)
    except UsageError:
        return
    assert count >= 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.352, "352 ms"),
        (0.000925, "925 µs"),
        (0.0185, "18.5 ms"),
        (1.28, "1.28 s"),
        (1.0, "1 s"),
        (59.9, "59.9 s"),
        (75, "1min 15s"),
        (60, "1min"),
        (3600, "1h"),
        (3725, "1h 2min"),
        (90061, "1d 1h"),
        (119.6, "2min"),
        (999.9e-6, "1 ms"),
        (0.9999, "1 s"),
        (999.4e-6, "999 µs"),
        (1e-6, "1 µs"),
        (250e-9, "250 ns"),
        (2.5e-9, "2.5 ns"),
        (2.5e-10, "0.25 ns"),
        (0, "0 s"),
    ],
)
def test_durations_are_written_in_three_digits(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def ipython_format_time(timespan: float) -> str:
    """Below a minute, ``_format_time`` of IPython/core/magics/execution.py, as it stands there."""
    units = ["s", "ms", "µs", "ns"]
    scaling = [1, 1e3, 1e6, 1e9]
    order = min(-int(math.floor(math.log10(timespan)) // 3), 3)
    return "%.*g %s" % (3, timespan * scaling[order], units[order])  # noqa: UP031


@given(st.floats(1e-10, 59.9))
def test_durations_are_written_as_ipython_does_except_for_a_thousand(seconds: float) -> None:
    expected = ipython_format_time(seconds)
    if expected.startswith("1e+03"):
        assert format_seconds(seconds).startswith("1 ")
    else:
        assert format_seconds(seconds) == expected


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (327155712, "312 MiB"),
        (3 << 30, "3 GiB"),
        (1 << 50, "1 PiB"),
    ],
)
def test_bytes_are_written_in_binary_units(size: int, text: str) -> None:
    assert format_bytes(size) == text


@given(st.integers(1, 2**60))
def test_written_bytes_are_right_to_three_digits(size: int) -> None:
    number, unit = format_bytes(size).split()
    power = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].index(unit)
    assert float(number) * 1024**power == pytest.approx(size, rel=6e-3)


# Cases in words


@pytest.mark.parametrize(
    ("case", "place"),
    [
        (Case("b", "numpy", {}), "numpy"),
        (Case("b", "numpy", {}, blas_threads=1), "numpy, 1 BLAS thread"),
        (Case("b", "numpy", {}, blas_threads=4), "numpy, 4 BLAS threads"),
        (Case("b", "threads", {}, 2), "threads × 2"),
        (Case("b", "distributed", {}, 2, 1), "distributed × 2"),
        (Case("b", "distributed", {}, 2, 4), "distributed × 2×4"),
        (Case("b", "distributed", {}, 2, 1, 250 << 20), "distributed × 2 of 250 MiB"),
        (Case("b", "distributed", {}, 2, 4, 1 << 30), "distributed × 2×4 of 1 GiB"),
        (Case("b", "distributed", {}), "distributed"),
        (Case("b", "numpy", {}, skip="too large"), "numpy"),
    ],
)
def test_a_case_says_where_it_runs(case: Case, place: str) -> None:
    assert case.place == place


def test_a_case_says_what_it_computes_without_what_is_left_out() -> None:
    case = Case("svd", "numpy", {"shape": "200x10", "condition": 1e6, "k": 1_234_567})
    assert case.what == "svd shape=200x10 condition=1e+06 k=1234567"
    assert case.described() == case.what
    assert case.described(without=["shape", "k"]) == "svd condition=1e+06"
    assert case.described(without=["method"]) == case.what
    assert str(case) == f"{case.what} on numpy"


def test_of_a_users_own_benchmark_the_path_is_left_out() -> None:
    assert Case("/far/away/own.py:Own", "numpy", {"n": 0.5}).what == "own.py:Own n=0.5"
