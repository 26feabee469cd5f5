"""Names of rows without what others say."""

import pytest

from daskbench.document.names import grouped, nested, without_shared


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["numpy", "a × 2, tsqr", "a × 2, gram"], ["numpy", "a × 2, tsqr", "  gram"]),
        (["a, b, c", "a, b, d", "a, e, d"], ["a, b, c", "  d", "  e, d"]),
        (["a", "a, b", "a"], ["a", "  b", "a"]),
        (["a, b", "a, b"], ["a, b", "  b"]),
        (["a, b", "c, b"], ["a, b", "c, b"]),
    ],
)
def test_names_are_nested_below_those_that_begin_alike(
    names: list[str], expected: list[str]
) -> None:
    assert nested(names) == expected


def test_what_all_names_begin_with_is_told_once() -> None:
    assert without_shared(["a × 2, tsqr", "a × 2, gram"]) == (["tsqr", "gram"], "a × 2")
    assert without_shared(["a × 2, tsqr"]) == (["a × 2, tsqr"], "")


def test_names_that_begin_alike_share_a_head() -> None:
    names = ["numpy", "a × 1, b, c", "a × 1, b, d", "a × 2, b", "a × 2", "a, b"]
    below, heads = grouped(names)
    assert below == ["numpy", "  b, c", "    d", "a × 2, b", "a × 2", "a, b"]
    assert heads == ["", "a × 1", "a × 1", "", "", ""]
    assert grouped([]) == ([], [])
