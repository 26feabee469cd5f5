"""Keys that stand twice in a line are found among many lines that look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.journal import keys
from daskbench.journal.keys import Keys

#: An object is written as its pairs, so that a key may be there twice.
NUMBERS = st.integers(-3, 3).map(str) | st.floats(allow_nan=False, allow_infinity=False).map(repr)
VALUES: st.SearchStrategy[str] = st.deferred(
    lambda: NUMBERS | st.sampled_from(['"text"', "null", "[1,2]"]) | OBJECTS
)
PAIRS = st.lists(st.tuples(st.sampled_from("abcdf"), VALUES), max_size=4)
OBJECTS: st.SearchStrategy[str] = PAIRS.map(
    lambda pairs: "{" + ",".join(f'"{key}":{one}' for key, one in pairs) + "}"
)


@given(st.lists(st.lists(OBJECTS, min_size=1, max_size=8), min_size=1, max_size=4))
def test_they_are_found_wherever_they_are(blocks: list[list[str]]) -> None:
    """A line that is looked at alone is always looked into; among others only a new one is."""
    among = Keys()
    for lines in blocks:
        found = among.twice_in("\n".join(lines).encode())
        assert found == {n: why for n, one in enumerate(lines) if (why := keys.twice(one.encode()))}


@pytest.mark.parametrize("most", [0, 1000])
def test_it_forgets_what_it_knows_where_that_is_too_much(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_MOST_KNOWN", most)
    among, right, wrong = Keys(), b'{"a":1,"b":2.5e-7}', b'{"a":1,"b":2,"a":3}'
    for _ in range(3):
        assert among.twice_in(b"\n".join([right] * 50)) == {}
        assert among.twice_in(b"\n".join([right, right, wrong, right, wrong])) == dict.fromkeys(
            (2, 4), "duplicate key 'a'"
        )


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 10_000, b"\0\0{}"])
def test_what_is_no_json_is_left_to_others(line: bytes) -> None:
    assert Keys().twice_in(line) == {}
