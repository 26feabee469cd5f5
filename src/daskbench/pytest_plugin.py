"""The fixture ``daskbench`` for pytest, which imports nothing of daskbench until a test uses it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from daskbench.api.checking import Check


@pytest.fixture
def daskbench(request: pytest.FixtureRequest) -> "Check":
    """Measure a function, keep the run, and fail the test if a gate does not pass.

    For example ``daskbench(build, workers=2, fail_if="slower:10%", against="latest")``.
    """
    from daskbench.api.checking import Check

    store = os.environ.get("DASKBENCH_STORE") or request.config.rootpath / ".daskbench"
    return Check.of_test(Path(store), request.node.nodeid)
