"""Collections are found in any structure, and their values put in their places."""

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
from dask import delayed
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.work.structure import take_apart

Pair = namedtuple("Pair", "one two")


@dataclass
class Box:
    inside: Any
    name: str = "box"


ONE, TWO = delayed(1), delayed(2)


@pytest.mark.parametrize(
    ("built", "filled"),
    [
        (ONE, "v0"),
        ([ONE, (TWO, 5)], ["v0", ("v1", 5)]),
        ({"a": ONE, "b": {"c": [TWO]}}, {"a": "v0", "b": {"c": ["v1"]}}),
        (Pair(ONE, 3), Pair("v0", 3)),
        (Box([ONE]), Box(["v0"])),
        ((one for one in (ONE, TWO)), ["v0", "v1"]),
        (map(delayed, [1, 2]), ["v0", "v1"]),
        (5, 5),
    ],
)
def test_values_take_the_places_of_collections(built: Any, filled: Any) -> None:
    found, shape = take_apart(built)
    assert shape.filled([f"v{number}" for number in range(len(found))]) == filled


TEXT = st.text(max_size=3)  # not "Delayed"


@given(
    st.recursive(
        st.sampled_from([ONE, TWO]) | st.integers() | TEXT,
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(TEXT, inner),
    )
)
def test_what_is_taken_apart_can_be_put_together(built: Any) -> None:
    found, shape = take_apart(built)
    whole = shape.filled(found)
    assert repr(whole) == repr(built)
    assert "Delayed" not in repr(shape)
