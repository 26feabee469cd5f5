"""Python's values as words of options."""

from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from daskbench.api.values import values_of, written
from daskbench.errors import UsageError
from daskbench.experiments.compare import EXPERIMENT

FUNCTION = """
from enum import Enum

class Kind(Enum):
    SMALL = 1
    LARGE = 2

def build(n: int = 1, shape: tuple = (10, 10), kind: Kind = Kind.SMALL, fast: bool = False,
          name: str = "a", limit: int | None = None):
    pass
"""


class Kind(Enum):
    LARGE = 2


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (3, 3),
        ("a", "a"),
        (True, "true"),
        (None, "none"),
        ((10, "auto"), "10xauto"),
        (Kind.LARGE, "LARGE"),
    ],
)
def test_a_value_is_written_as_on_the_command_line(value: Any, word: Any) -> None:
    assert written(value) == word


def test_lists_sweep_and_all_else_is_one_value(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(FUNCTION)
    given = {
        "n": range(1, 4),
        "shape": (20, 30),
        "kind": [Kind.LARGE],
        "fast": [True, False],
        "limit": None,
        "name": "a",
        "schedulers": ["threads", "synchronous"],
        "workers": None,
        "memory_limit": "1GiB",
        "memory": True,
    }
    assert values_of(f"{tmp_path}/work.py:build", given, EXPERIMENT.keys) == {
        "n": (1, 2, 3),
        "shape": ("20x30",),
        "kind": ("LARGE",),
        "fast": ("true", "false"),
        "limit": ("none",),
        "name": ("a",),
        "schedulers": ("threads", "synchronous"),
        "memory-limit": (1 << 30,),
        "memory": True,
    }
    with pytest.raises(UsageError, match="kind: no 'small'"):
        values_of(f"{tmp_path}/work.py:build", {"kind": "small"}, EXPERIMENT.keys)
