"""Names of rows without what others say."""

import pytest

from daskbench.document.names import nested, without_shared


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
