"""What holds for every test: hypothesis is repeatable, and judges no wall-clock times.

The user's key is one of the tests: they leave nothing in the home of whoever runs them.
"""

import os
import signal

import pytest
from hypothesis import settings

settings.register_profile("daskbench", deadline=None, derandomize=True, database=None)
settings.load_profile("daskbench")


# Whoever runs the tests in the background of a script has these ignored, and what they start too.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    signal.signal(number, handler)


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
