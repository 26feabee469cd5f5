"""What holds for every test: hypothesis is repeatable, and judges no wall-clock times.

The user's key is one of the tests: they leave nothing in the home of whoever runs them.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("daskbench", deadline=None, derandomize=True, database=None)
settings.load_profile("daskbench")


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
