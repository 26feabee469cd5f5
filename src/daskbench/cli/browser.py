"""Pictures of pages, by a Chromium that is installed; nothing here needs one otherwise."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from daskbench import harmless
from daskbench.errors import UsageError
from daskbench.processes.reaper import MARK
from daskbench.processes.reaping import Reaping

#: Programs that take the same options, by what distributions call them.
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
#: Pixels, of which a picture has twice as many each way.
_WIDTH, _SCALE = 1200, 2
#: How long a page has to draw itself, in milliseconds of its own clock.
_DRAWS_MS = 10_000
_TIMEOUT_S = 60.0
#: The first bytes of a picture.
_PNG = b"\x89PNG"


def find() -> str:
    """Return the path of a browser; raises UsageError if there is none."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return os.path.abspath(found)  # noqa: PTH100  PATH may hold relative folders
    raise UsageError(
        "--png needs Chromium or Chrome, and neither is on PATH; install it, or save the picture "
        "from the toolbar of the plot"
    )


def picture(program: str, page: str, height: int) -> bytes:
    """Return the first `height` pixels of a page as PNG; raises UsageError if the browser fails."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="daskbench-", ignore_cleanup_errors=True) as name,
            Reaping(Path(name)) as reaping,
        ):
            folder = Path(name)
            (folder / "page.html").write_text(page, encoding="utf-8")
            made = folder / "page.png"
            told = _run(_command(program, folder, made, height), folder, reaping)
            data = made.read_bytes() if made.exists() else b""
    except OSError as error:
        raise UsageError(f"--png: {harmless.line(error)}") from error
    if not data.startswith(_PNG):
        raise UsageError(f"--png: {program} wrote no picture: {harmless.line(told)}")
    return data


def _command(program: str, folder: Path, made: Path, height: int) -> list[str]:
    page = (folder / "page.html").as_uri()
    return [program, *_options(folder, height), f"--screenshot={made}", page]


def _options(folder: Path, height: int) -> list[str]:
    """Return the options of a browser that shows nothing and asks nothing of the network.

    Root has no sandbox; what is shown is our own page, whose policy lets only our scripts run.
    """
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [
        "--headless",
        *root,
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--no-first-run",
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={_WIDTH},{height}",
        f"--force-device-scale-factor={_SCALE}",
        f"--virtual-time-budget={_DRAWS_MS}",
    ]


def _run(words: list[str], folder: Path, reaping: Reaping) -> str:
    """Run a browser to its end, and return the last line that it printed.

    It has a session of its own, so that whatever it started ends with it, or with the tool.
    """
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=folder,
        env=_environment(folder),
        start_new_session=True,
    ) as process:
        reaping.watch(process.pid)
        try:
            _, told = process.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            raise UsageError(f"--png: {words[0]} had no picture after {_TIMEOUT_S:g} s") from error
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return (told.strip().splitlines() or [f"exit code {process.returncode}"])[-1]


def _environment(folder: Path) -> dict[str, str]:
    """Return variables that make a browser keep its files in `folder`, and end with the tool.

    It keeps a socket in TMPDIR, and the path of a socket has at most 107 bytes: so TMPDIR is named
    as seen from `folder`, in which the browser runs.
    """
    kept = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(folder))
    return {**os.environ, **kept, "TMPDIR": ".", MARK: str(folder)}
