"""Parameters of a function become options: their types, words and help."""

import enum
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.work.docstrings import helps_of
from daskbench.benchmarks.work.signature import arguments_of, called_with, signature_of
from daskbench.config import parameter_key
from daskbench.errors import UsageError


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def build(
    n: int = 1000,
    x: float = 1,
    word: str = "auto",
    *,
    flag: bool = False,
    kind: Literal["a", "b"] = "a",
    colour: Colour = Colour.RED,
    shape: Any = (1000, -1),
    seed: int | None = None,
    chunks: int | str = "auto",
    path: Path = Path("here"),
    table: Any = None,
    lost: "Nowhere" = 5,  # type: ignore[name-defined]  # noqa: F821
    many: Any = {},  # noqa: B006
    _private: int = 1,
) -> None: ...


def read(function: Callable[..., Any], name: str, words: object) -> list[Any]:
    """What the function gets for a word of the command line or a value of a file."""
    argument = arguments_of("f.py:build", function)[name]
    return [argument.value(one) for one in parameter_key(argument.parameter).read(words)]


@pytest.mark.parametrize(
    ("name", "words", "values"),
    [
        ("n", "1e3,2_000,-1,0", [1000, 2000, -1, 0]),
        ("n", [5, 6], [5, 6]),
        ("x", "1,0.5,1e-3", [1.0, 0.5, 0.001]),
        ("word", "auto,64MiB,7", ["auto", "64MiB", "7"]),
        ("flag", "true,no,ON", [True, False]),
        ("flag", True, [True]),
        ("kind", "b", ["b"]),
        ("colour", "BLUE", [Colour.BLUE]),
        ("shape", "1e3x1e2,5,2x-1", [(1000, 100), (5,), (2, -1)]),
        ("seed", "none,3", [None, 3]),
        ("chunks", "auto,100", ["auto", 100]),
        ("path", "there/x", [Path("there/x")]),
        ("table", "none,5,x", [None, 5, "x"]),
        ("lost", "6", [6]),
    ],
)
def test_words_become_values_of_the_type(name: str, words: object, values: list[Any]) -> None:
    found = read(build, name, words)
    assert found == values
    assert [*map(type, found)] == [*map(type, values)]


def test_defaults_become_themselves() -> None:
    defaults = {k: p.default for k, p in signature_of("", build).parameters.items()}
    found = {k: a.value(a.parameter.default) for k, a in arguments_of("", build).items()}
    assert found == {k: v for k, v in defaults.items() if k in found}
    assert defaults.keys() - found.keys() == {"many", "_private"}


@pytest.mark.parametrize(
    ("name", "word", "message"),
    [
        ("n", "x", "'x' is not a whole number; write 1000, 1_000 or 1e3"),
        ("n", "1.5", "'1.5' is not a whole number"),
        ("n", True, "'True' is not a whole number"),
        ("x", "nan", "'nan' is not a number"),
        ("flag", "maybe", "'maybe' is neither true nor false"),
        ("kind", "c", "no 'c': "),
        ("colour", "RAD", "did you mean 'RED'"),
        ("shape", "10xy", "'y' is not a number; write a tuple as 1000x100"),
        ("seed", "x", "'x' is not a whole number"),
    ],
)
def test_other_words_are_refused(name: str, word: object, message: str) -> None:
    with pytest.raises(UsageError) as error:
        read(build, name, word)
    assert message in str(error.value)


def test_a_parameter_without_default_is_one_clear_line() -> None:
    def needs(n: int, m: int = 1) -> None: ...

    with pytest.raises(UsageError) as error:
        arguments_of("f.py:needs", needs)
    assert str(error.value) == (
        "f.py:needs: its parameter 'n' has no default; give it one, as in def needs(n=...)"
    )


def test_lambdas_partials_wrapped_and_callable_objects_have_parameters() -> None:
    class Pipe:
        def __call__(self, n: int = 3) -> None:
            """Do it.

            :param n: How many.
            """

    @functools.wraps(build)
    def wrapped(*args: Any, **more: Any) -> None: ...

    functions: list[tuple[Any, dict[str, Any]]] = [
        (lambda n=10: n, {"n": 10}),
        (functools.partial(build, n=7), {"n": 7, "word": "auto"}),
        (wrapped, {"n": 1000, "flag": "false"}),
        (Pipe(), {"n": 3}),
        (int, {}),
    ]
    for function, defaults in functions:
        found = {k: a.parameter.default for k, a in arguments_of("", function).items()}
        assert defaults.items() <= found.items()
    assert arguments_of("", Pipe())["n"].parameter.help == "How many."


GOOGLE = """Sum.

Args:
    n: How many
        numbers.
    m (int, optional): Less.

Returns:
    x: No.
"""
NUMPY = """Sum.

Parameters
----------
n : int
    How many
    numbers.
m
    Less.

Returns
-------
x : int
    No.
"""
SPHINX = """Sum.

:param int n: How many
    numbers.
:param m: Less.
:returns: No.
"""
LINES = ("Args:", "  n: x", "n : int", "---", "    y", "", ":param n: z")


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX])
def test_help_comes_from_docstrings_of_three_styles(text: str) -> None:
    assert helps_of(text) == {"n": "How many numbers.", "m": "Less."}


@given(st.text(max_size=200) | st.lists(st.sampled_from(LINES)).map("\n".join))
def test_no_docstring_is_too_odd(text: str) -> None:
    assert all(isinstance(told, str) for told in helps_of(text).values())


@given(st.lists(st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9), min_size=1, max_size=4))
def test_every_tuple_can_be_written_and_read(parts: list[Any]) -> None:
    def shaped(shape: Any = tuple(parts)) -> None: ...

    argument = arguments_of("", shaped)["shape"]
    written = parameter_key(argument.parameter).read(argument.parameter.default)
    assert [argument.value(one) for one in written] == [tuple(parts)]


def test_only_what_a_function_takes_is_passed() -> None:
    def some(a: int = 1, /, b: int = 2) -> None: ...
    def every(**more: int) -> None: ...

    values = {"a": 5, "b": 6, "c": 7}
    assert called_with(signature_of("", some), values) == ([5], {"b": 6})
    assert called_with(signature_of("", every), values) == ([], values)
