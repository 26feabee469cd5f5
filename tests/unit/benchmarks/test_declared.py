"""What the class of a benchmark declares is checked: one line names the class and the attribute."""

from enum import StrEnum
from types import ModuleType
from typing import Any, cast

import numpy as np
import pytest

from daskbench.asking.direct import Direct
from daskbench.benchmarks.base import Needs, Parameter, Place
from daskbench.benchmarks.declared import parameters_of
from daskbench.config import check_names
from daskbench.errors import UsageError
from daskbench.harmless import line

NAN, INF = float("nan"), float("inf")


class Color(StrEnum):
    RED = "red"


class Odd(dict[str, Any]):
    def items(self) -> Any:
        raise ZeroDivisionError


class Unseen:
    def __repr__(self) -> str:
        raise ZeroDivisionError


def never(*args: Any, **more: Any) -> Any:
    raise ValueError("odd [/x] \x1b[31m")


def nothing(*args: Any, **more: Any) -> Any:
    return None


def parameter(default: Any, told: Any = "x", **more: Any) -> Parameter:
    return Parameter(default, told, **more)


def klass(parameters: Any, **more: Any) -> Any:
    """Return the class of a benchmark, plain but for what is given."""
    plain = {"collection": nothing, "calls": nothing, "check": nothing}
    init = {"__init__": lambda self, seed, **parameters: None}
    return type("Own", (), {"parameters": parameters, **init, **plain, **more})


def told(kind: Any) -> str:
    """Return why a class can't be used, as it is shown; it is one line that names the class."""
    with pytest.raises(UsageError) as error:
        check_names("own.py:Own", parameters_of("own.py:Own", kind))
    assert str(error.value).startswith("own.py:Own")
    assert "\n" not in str(error.value)
    return line(error.value)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (None, "Own is a class without parameters, so no benchmark; name one of its methods"),
        *((odd, ".parameters") for odd in ([1], (), {"q"}, "q", 5, nothing, property())),
        *(
            ({"q": odd}, ".parameters['q'] is")
            for odd in (None, True, [1, 2], {"a": 1}, Unseen(), Parameter, int, 1j, b"x")
        ),
        *(
            ({"q": parameter(odd, "x")}, ".parameters['q'].default is")
            for odd in ([1], {1}, None, NAN, INF, 10**30, 10**5000, b"x", 1j, np.int64(5), True)
        ),
        *(
            ({odd: 1}, ".parameters has the name")
            for odd in ("a b", "", 1, None, "a-b", "_q", "\x1b[31m", "\ud800")
        ),
        *(
            ({odd: 1}, f"rename its parameter '{odd}'")
            for odd in ("help", "workers", "mean_s", "benchmark", "Rounds", "no_memory", "ratio")
        ),
        ({"q" * 61: 1}, "is too long to be an option"),
        ({"seed": 1}, ".parameters has 'seed'"),
        *(
            ({first: 1, second: 2}, "give the same option")
            for first, second in (("a_b", "A_B"), ("a", "A"), ("q", "q_"), ("ﬁ", "fi"))
        ),
        ({"q": parameter(1, None)}, "['q'].help is None"),
        ({"q": parameter(1, "x", metavar=5)}, "['q'].metavar is 5"),
        ({"q": parameter(1, "x", variant=1)}, "['q'].variant is 1"),
        ({"q": parameter(1, "x", sweep="yes")}, ".sweep is 'yes'"),
        ({"q": parameter(1, "x", read="int")}, ".read is 'int'"),
        ({"q": parameter(1, "x", derive=3)}, ".derive is 3"),
        *(
            ({"q": parameter("a", "x", choices=odd)}, "['q'].choices")
            for odd in (("a", "b,c"), ("a", " b"), ("a", "a"), "abc", {"a"}, (1, 2), ("",))
        ),
        ({"q": parameter("a", "x", choices=("b",))}, "not among .choices ('b',)"),
        ({"q": parameter(1, "x", sweep=True)}, ".sweep needs .choices"),
        *(({"q": parameter(odd, "x")}, ".default is") for odd in ("a\0b", "\ud800", "n" * 100_000)),
        (Odd(q=1), "its declarations can't be read: ZeroDivisionError"),
    ],
)
def test_parameters_that_are_odd_are_told(parameters: Any, message: str) -> None:
    shown = told(klass(parameters))
    assert message in shown
    assert len(shown) < 300


@pytest.mark.parametrize(
    ("parameters", "default"),
    [
        ({"n": 1000}, 1000),
        ({"n": -1.5}, -1.5),
        ({"n": ""}, ""),
        ({"größe": "a"}, "a"),
        ({"n": Color.RED}, "red"),
        ({"n": np.float64(2.5)}, 2.5),
        ({"n": parameter("a", "x", choices=["a", "b"])}, "a"),
    ],
)
def test_parameters_may_be_written_short(parameters: Any, default: object) -> None:
    [found] = parameters_of("own.py:Own", klass(parameters)).values()
    assert (found.default, type(found.choices)) == (default, tuple)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"collection": None, "calls": 5}, "has neither a method collection"),
        ({"check": None}, "has no method check"),
        *(
            ({name: 5}, f".{name} is 5; it must be a method")
            for name in ("needs", "place", "prepare")
        ),
        ({"__init__": lambda self: None}, ".__init__ must accept q, seed"),
        ({"__init__": lambda self, q: None}, ".__init__ must accept q, seed"),
        ({"__init__": lambda self, q, r, seed: None}, "argument: 'r'"),
    ],
)
def test_methods_that_are_odd_are_told(more: dict[str, Any], message: str) -> None:
    assert message in told(klass({"q": 1}, **more))


@pytest.mark.parametrize("odd", [None, 5, nothing, ModuleType("m"), list[int], klass({})(seed=0)])
def test_what_is_no_class_is_told(odd: Any) -> None:
    assert "not a class" in told(odd)


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, RecursionError])
def test_one_that_can_not_be_made_is_told(error: type[BaseException]) -> None:
    def raising(self: Any, **more: Any) -> None:
        raise error("odd")

    asked = Direct("own.py:Own", klass({"q": 1}, __init__=raising))
    with pytest.raises(UsageError, match=f"can't be created with q=1: {error.__name__}: odd"):
        asked.check({"q": 1})


@pytest.mark.parametrize(
    ("odd", "message"),
    [(never, "failed: ValueError: odd"), (nothing, "is None"), (lambda word: [1], r"is \[1\]")],
)
def test_read_and_derive_that_are_odd_are_told(odd: Any, message: str) -> None:
    asked = Direct("own.py:Own", klass({"q": parameter(1, "x", read=odd, derive=odd)}))
    with pytest.raises(UsageError, match=rf"own.py:Own: parameters\['q'\].read of 'w' {message}"):
        asked.read("q", "w")
    with pytest.raises(UsageError, match=rf"own.py:Own: parameters\['q'\].derive {message}"):
        asked.derive("q", {})


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (never, "failed: ValueError: odd"),
        (nothing, "returned a NoneType"),
        (lambda self, **more: Needs(-1, 0, 0, 0), r"returned Needs\(data_bytes=-1"),
        (lambda self, **more: Needs(cast(int, NAN), 0, 0, 0), r"returned Needs\(data_bytes=nan"),
        (lambda self: Needs(1, 1, 1, 1), "failed: TypeError"),
    ],
)
def test_needs_that_are_odd_are_told(odd: Any, message: str) -> None:
    asked = Direct("own.py:Own", klass({}, needs=odd))
    with pytest.raises(UsageError, match=f"own.py:Own: needs {message}"):
        asked.needs({}, in_numpy=False, threads=1)


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (never, "failed: ValueError: odd"),
        (nothing, "returned a NoneType"),
        (lambda *args: Place(0, 1, 1 << 30), r"returned Place\(workers=0"),
        (lambda *args: Place(cast(int, 1.5), 1, 1 << 30), r"returned Place\(workers=1.5"),
        (lambda *args: Place(True, 1, 1 << 30), r"returned Place\(workers=True"),
        (lambda *args: Place(1, 1, -1), "returned Place"),
        (lambda *args: Place(1, 1, 1 << 30, {"zz": 1.0}), "returned Place"),
        (lambda *args: Place(1, 1, 1 << 30, {"spill": 2.0}), "returned Place"),
    ],
)
def test_places_that_are_odd_are_told(odd: Any, message: str) -> None:
    asked = Direct("own.py:Own", klass({}, place=odd))
    with pytest.raises(UsageError, match=f"own.py:Own: place {message}"):
        asked.place({}, None, {})
