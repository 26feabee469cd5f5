"""What an answer may be, and what is said if it is another than the reference."""

import collections
import dataclasses
import itertools
import re
import threading
import types
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from daskbench.benchmarks.work.answers import AnyOrder, difference

NAN = float("nan")
HOUR = timedelta(hours=1)


@dataclasses.dataclass
class Result:
    mean: float
    table: Any


class Plain:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Slotted:
    __slots__ = ("never", "value")

    def __init__(self, value: Any) -> None:
        self.value = value


class Point(NamedTuple):
    x: float
    y: float


class Hostile:
    """Can be compared, shown, hashed and pickled by no means."""

    def __eq__(self, other: object) -> bool:
        raise SystemExit(3)

    def __repr__(self) -> str:
        raise ValueError("no")

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise RuntimeError("no")


class NotBool:
    """Its `==` returns no bool, and its pickle is all that it is."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __eq__(self, other: object) -> Any:
        return np.array([True, False])

    __hash__ = None  # type: ignore[assignment]


def test_the_place_and_size_of_a_difference_are_told() -> None:
    reference = np.arange(1.0, 101.0)
    answer = reference.copy()
    answer[[3, 5, 7]] *= 1.002
    assert difference([0, {"mean": answer}], [0, {"mean": reference}]) == (
        "answer[1]['mean']: 3 of 100 values differ, by up to 0.002 relative; "
        "the first at [3]: 4.008 instead of 4.0"
    )


EQUAL: list[tuple[Any, Any]] = [
    (1.0, 1.0 + 1e-12),
    (NAN, NAN),
    (complex(NAN, 1), complex(NAN, 1)),
    (1, 1.0),
    (np.float64(2), 2.0),
    (np.array(2.0), np.float64(2)),
    (np.str_("a"), "a"),
    (np.float32(1), np.float32(1) + np.finfo(np.float32).eps),
    (10**400, 10**400),
    (Decimal("1.1"), Decimal("1.10000000000000000001")),
    (Decimal("NaN"), Decimal("NaN")),
    (Decimal("1e999999"), Decimal("1e999999")),
    (Fraction(2, 4), Fraction(1, 2)),
    (pd.Timedelta(1), pd.Timedelta(1)),
    (np.datetime64("NaT"), np.datetime64("NaT")),
    (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)),
    ({1.0, 2}, {2, 1.0 + 1e-12}),
    ({"b": 1, "a": [NAN]}, {"a": [NAN], "b": 1}),
    (Result(1.0, np.ones(3)), Result(1.0, np.ones(3) + 1e-12)),
    (Plain(a=1.0, b=[1]), Plain(a=1.0 + 1e-12, b=[1])),
    (types.SimpleNamespace(a=1.0), types.SimpleNamespace(a=1.0 + 1e-12)),
    (Slotted(1.0), Slotted(1.0)),
    (Point(1.0, NAN), Point(1.0, NAN)),
    (collections.deque([1, 2]), collections.deque([1, 2])),
    (object(), object()),
    (NotBool(1), NotBool(1)),
    (AnyOrder(["b", 1.0, {}]), AnyOrder([{}, 1.0 + 1e-12, "b"])),
    (iter([1, 2]), [1, 2]),
    ((i for i in [1, 2]), iter([1, 2])),
    (itertools.count(), itertools.count()),
    (range(3), range(3)),
    (b"a", b"a"),
    (np.array([1, NAN, None, "a", [1]], object), np.array([1, NAN, None, "a", [1]], object)),
    (np.array(["a", "b"]), np.array(["a", "b"], "U9")),
    (np.zeros(2, "f8,i4"), np.zeros(2, "f8,i4")),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (np.ma.masked_array([1.0, 2], [False, True]), np.ma.masked_array([1.0, 99], [False, True])),
    (np.ma.masked, np.ma.masked),
    (np.array([0.1, -1e-17]), np.array([0.1, 2e-17])),
    (sp.csr_array(([1.0, 0, 2], ([0, 1, 0], [0, 1, 1]))), sp.csr_array([[1.0, 2], [0, 0]])),
]


@pytest.mark.parametrize(("answer", "reference"), EQUAL, ids=lambda value: type(value).__name__)
def test_equal_values(answer: Any, reference: Any) -> None:
    assert difference(answer, reference) is None


UNEQUAL: list[tuple[Any, Any, str]] = [
    (Decimal("0.5"), Fraction(1, 2), "a Decimal instead of a Fraction"),
    (0.5, Decimal("0.5"), "a float instead of a Decimal"),
    ({True, 2}, {1, 2}, "for one, True is not in the reference"),
    (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 1, tzinfo=timezone(HOUR)), "instead"),
    (bytearray(b"a"), bytearray(b"b"), "instead"),
    (re.compile("a"), re.compile("b"), "instead"),
    (True, 1, "True instead of 1"),
    (1.0, 1.0 + 1e-6, "1.0 instead of 1.000001"),
    (1.0, NAN, "1.0 instead of nan"),
    (float("inf"), 1e308, "inf instead of 1e+308"),
    (10**400, 1.5, "instead of 1.5"),
    (2, 3, "2 instead of 3"),
    (None, 0, "None instead of an int"),
    ("a", 1, "a str instead of an int"),
    ([1], (1,), "a list instead of a tuple"),
    ([1, 2], [1], "2 items instead of 1"),
    (Point(1, 2), Point(1, 3), "answer.y: 2 instead of 3"),
    ({"a": 1}, {"b": 1}, "lacks the key 'b'"),
    ({"a": 1, "b": 1}, {"b": 1}, "has the key 'a', unlike the reference"),
    ({1, 2}, {1, 3}, "in any order"),
    (Result(1.0, [1]), Result(1.0, [2]), "answer.table[0]: 1 instead of 2"),
    (Plain(a=1), Plain(b=1), "only the reference has the attribute b"),
    (Slotted(1), Slotted(2), "answer.value: 1 instead of 2"),
    (NotBool(1), NotBool(2), "answer.value: 1 instead of 2"),
    ("x" * 99 + "a", "x" * 99 + "b", "'xxxxxxxxxxa' instead of 'xxxxxxxxxxb'"),
    (AnyOrder([1, 2]), AnyOrder([2, 2]), "1 of 2 items differs in any order"),
    (iter([1, 2]), [1], "2 items instead of 1"),
    (np.zeros(3), np.zeros((3, 1)), "shape (3,) instead of (3, 1)"),
    (np.zeros(3), np.zeros(3, "f4"), "dtype float64 instead of float32"),
    (np.zeros(3), [0, 0, 0], "a ndarray instead of a list"),
    (np.arange(3), np.array([0, 1, 3]), "1 of 3 values differs; the first at [2]: 2 instead of 3"),
    (np.array([0, 1e-3]), np.array([0, 1e-3 + 1e-9]), "1 of 2 values differs"),
    (np.array([1.0, NAN]), np.array([1.0, 1]), "1 of 2 values differs"),
    (np.array(["2020"], "M8[D]"), np.array(["2021"], "M8[D]"), "2020-01-01 instead of 2021-01-01"),
    (np.zeros(2, "f8,i4"), np.ones(2, "f8,i4"), "answer['f0']: 2 of 2 values differ"),
    (
        np.ma.masked_array([1, 2], [False, True]),
        np.ma.masked_array([1, 2], [False, False]),
        "masked only on one",
    ),
    (np.array([1, [2, 3]], object), np.array([1, [2, 4]], object), "answer[1][1]: 3 instead of 4"),
    (sp.csr_array([[1.0, 0]]), sp.csr_array([[0, 1.0]]), "other elements are nonzero, of 1"),
    (sp.csr_array([[1.0, 0]]), sp.csr_array([[2.0, 0]]), "nonzero elements: 1.0 instead of 2.0"),
]


@pytest.mark.parametrize(
    ("answer", "reference", "told"), UNEQUAL, ids=lambda value: str(value)[:20]
)
def test_unequal_values(answer: Any, reference: Any, told: str) -> None:
    found = difference(answer, reference)
    assert found is not None
    assert told in found
    assert "\n" not in found
    assert len(found) < 250


def test_a_tolerance_of_zero_is_exact() -> None:
    assert difference(1.0, 1.0 + 1e-12, 0) is not None
    assert (
        difference(np.ones(1, np.float32), np.ones(1, np.float32) + np.finfo(np.float32).eps, 0)
        is not None
    )
    assert difference(np.array([0.1, -1e-17]), np.array([0.1, 2e-17]), 0) is not None


def test_cycles() -> None:
    def cycle(value: int) -> list[Any]:
        made: list[Any] = [value]
        made.append({"again": made})
        return made

    assert difference(cycle(1), cycle(1)) is None
    assert difference(cycle(1), cycle(2)) == "answer[0]: 1 instead of 2"


def test_deep_nesting_is_survived() -> None:
    def deep() -> list[Any]:
        made: list[Any] = []
        for _ in range(100_000):
            made = [made]
        return made

    assert difference(deep(), deep()) == "nested too deeply to be compared"


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"a": x}])
def test_hostile_objects_are_survived(wrap: Callable[[Any], Any]) -> None:
    found = difference(wrap(Hostile()), wrap(Hostile()))
    assert found is None or "Hostile" in found
    assert difference(wrap(Hostile()), wrap(1)) is not None


def test_what_cannot_be_compared_differs() -> None:
    assert difference(threading.Lock(), threading.Lock()) is not None


def test_a_huge_representation_is_shortened() -> None:
    class Huge:
        def __repr__(self) -> str:
            return "x" * 1_000_000

    found = difference([Huge], [Huge()])
    assert found is not None
    assert len(found) < 200


@pytest.mark.parametrize("rows", [1000, 150_000])
def test_rows_in_another_order_with_rounding_errors_are_equal(rows: int) -> None:
    random = np.random.default_rng(0)
    columns = {f"x{i}": random.random(rows) for i in range(4)}
    frame = pd.DataFrame({"few": random.integers(0, 3, rows).astype(float), **columns})
    noisy: Any = (frame * (1 + 1e-14)).sample(frac=1, random_state=1)
    assert difference(noisy, frame) is None
    noisy.iloc[7, 3] *= 1.01
    found = difference(noisy, frame)
    assert found is not None
    assert f"1 of {rows:,} values differs, by up to 0.0099 relative" in found
