"""A user's file is asked in a process of its own, which can neither print, end nor decide ours."""

import sys
from pathlib import Path

import pytest

from daskbench import asking
from daskbench.asking import remote
from daskbench.errors import UsageError

OWN = """
class Own:
    parameters = {"n": 1000}
    def __init__(self, n, seed): pass
    collection = calls = check = lambda self: None
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own_asked.py"


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("raise SystemExit(0)", "SystemExit: 0 (own_asked.py:"),
        ("import os; os._exit(0)", "importing it ended Python (exit code 0)"),
        ("import os; os.kill(os.getpid(), 9)", "importing it ended Python (signal 9)"),
        ("input()", "EOFError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def (", "SyntaxError"),
        ("Own.parameters = type('D', (dict,), {'items': None})(n=1)", "Own: its declarations"),
    ],
)
def test_what_ends_an_import_is_one_line(own: Path, last: str, told: str) -> None:
    own.write_text(f"{OWN}\n{last}\n")
    with pytest.raises(UsageError) as error:
        asking.subject(f"{own}:Own")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "begin",
    [
        "import json; json.dumps = json.loads = lambda *args, **more: {}",
        "import os; os.fork()",
        "import os; os.closerange(0, 3)",
        "import os; os.chdir('/')",
        "import os; os.environ.clear(); os.umask(0o777)",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "import threading; threading.Thread(target=threading.Event().wait).start()",
        "import time; time.time = time.monotonic = time.perf_counter = lambda: 5.0",
        "import sys; sys.stdout = sys.stderr = None",
    ],
)
def test_an_import_may_do_odd_things(own: Path, begin: str) -> None:
    own.write_text(f"{begin}\n{OWN}")
    asked = asking.subject(f"{own}:Own")
    asked.check({"n": 5})
    assert asked.parameters["n"].default == 1000


def test_an_endless_import_is_ended(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PATIENCE_S", 0.5)
    own.write_text("while True: pass")
    with pytest.raises(UsageError, match=r"importing it took longer than 0\.5 s: move slow work"):
        asking.subject(f"{own}:Own")
    assert not remote._helpers[own].alive


def test_what_it_prints_is_not_ours(own: Path, capfd: pytest.CaptureFixture[str]) -> None:
    own.write_text(f"print('printed')\n{OWN}")
    assert asking.subject(f"{own}:Own").parameters["n"].default == 1000
    assert "own_asked" not in sys.modules
    asking.end()
    assert capfd.readouterr() == ("", "")
