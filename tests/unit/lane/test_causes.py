"""What a failure says of itself: the innermost cause stands in its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from daskbench.lane.causes import Explained, told
from daskbench.processes.postmortem import Log

FILES = OSError(24, "Too many open files")


def raised(error: BaseException, cause: BaseException | None, *, meant: bool) -> BaseException:
    if meant:
        error.__cause__, error.__suppress_context__ = cause, True
    else:
        error.__context__ = cause
    return error


def looped() -> BaseException:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    return first


class Unreadable(Exception):
    def __str__(self) -> str:
        raise KeyError("x")


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: ValueError("wrong\n  here"), "ValueError: wrong here"),
        (lambda: ValueError(), "ValueError: no message"),
        (
            lambda: raised(RuntimeError("Nanny failed to start."), FILES, meant=True),
            "RuntimeError: Nanny failed to start: [Errno 24] Too many open files",
        ),
        (
            lambda: raised(RuntimeError("Nanny failed to start."), FILES, meant=False),
            "RuntimeError: Nanny failed to start: [Errno 24] Too many open files",
        ),
        (
            lambda: raised(
                RuntimeError("Cluster failed to start."),
                raised(RuntimeError("Nanny failed to start."), ImportError("no x"), meant=True),
                meant=True,
            ),
            "RuntimeError: Cluster failed to start: ImportError: no x",
        ),
        (
            lambda: raised(ValueError("bad n"), KeyError("n"), meant=False),
            "ValueError: bad n (after KeyError: 'n')",
        ),
        (lambda: raised(ValueError("bad n"), TimeoutError(), meant=False), "ValueError: bad n"),
        (
            lambda: ExceptionGroup("two failed", [ExceptionGroup("one", [FILES]), KeyError("n")]),
            "ExceptionGroup: two failed (2 sub-exceptions): [Errno 24] Too many open files",
        ),
        (lambda: raised(Explained("all told"), KeyError("n"), meant=True), "all told"),
        (looped, "ValueError: a: KeyError: 'b'"),
        (
            lambda: Unreadable(),
            "Unreadable: its message can't be read: str() raised KeyError",
        ),
    ],
)
def test_the_innermost_cause_is_told(make: Callable[[], BaseException], line: str) -> None:
    assert told(make()) == line


LOGGED = """Traceback (most recent call last):
  File "x.py", line 1, in <module>
PermissionError: [Errno 13] Permission denied: '/dev/shm/x'

The above exception was the direct cause of the following exception:

RuntimeError: Worker failed to start.
"""


def test_what_only_the_log_knows_is_told_with_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("OSError: of an earlier sample\n")
    log = Log(path)
    with path.open("a") as more:
        more.write(LOGGED)
    reason, detail = log.explain("RuntimeError: Nanny failed to start.", "the traceback")
    told = "Nanny failed to start: [Errno 13] Permission denied: '/dev/shm/x'"
    assert reason == f"RuntimeError: {told}"
    assert detail == f"the traceback\n{LOGGED}"


def test_a_reason_that_is_one_needs_no_log(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    (tmp_path / "log").write_text(LOGGED)
    assert log.explain("ValueError: 3", None) == ("ValueError: 3", None)


def test_a_log_that_is_gone_explains_nothing(tmp_path: Path) -> None:
    said = ("RuntimeError: Nanny failed to start.", "x")
    assert Log(tmp_path / "log").explain(*said) == said
