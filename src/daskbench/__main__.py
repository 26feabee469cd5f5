"""The command ``daskbench``, and ``python -m daskbench``."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_IMPORTS = "<frozen importlib"
_INTERRUPTED = 130


def main() -> None:
    """Run the command; Ctrl-C, SIGTERM and SIGHUP interrupt it alike, except while measuring.

    Signals that the parent process ignores stay ignored, as under ``nohup``.
    """
    fill_standard_streams()
    heeded = [n for n in _SIGNALS if signal.getsignal(n) != signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, _interrupt)
    try:
        from daskbench.cli import main as command

        command(prog_name="daskbench")
    finally:
        for number in heeded:  # it is ending already
            signal.signal(number, signal.SIG_IGN)


def fill_standard_streams() -> None:
    """Open closed ones of stdin, stdout and stderr, so that no pipe or file gets their numbers.

    Python itself runs without these streams, and drops what is printed.
    """
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(number, True)
        os.close(number)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; during an import exit at once, as the import may swallow it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTS):
            with suppress(OSError):
                os.write(2, b"Interrupted.\n")
            os._exit(_INTERRUPTED)
        frame = frame.f_back
    raise KeyboardInterrupt


def _leave_the_working_folder() -> None:
    """Remove the working folder from `sys.path`: a ``platform.py`` there is the user's."""
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    if sys.path and sys.path[0] != ours and not sys.flags.safe_path:
        del sys.path[0]


if __name__ == "__main__":
    _leave_the_working_folder()
    main()
