"""A real Chromium without a window, driven by its own protocol over a pipe: no library is needed.

Source: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daskbench.cli.browser import PROGRAMS

PATIENCE_S = 90.0
#: The descriptors at which Chromium reads commands and writes answers.
_READS, _WRITES = 3, 4
#: Descriptors of our own are above, so that none is in the way.
_ABOVE = 10


def program() -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Tab:
    """A page: what is asked of it, and what it told meanwhile."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._rest, self._last = b"", 0
        self._session: str | None = None
        self.told: list[dict[str, Any]] = []

    def open(self, width: int = 1200, height: int = 900) -> None:
        """Open an empty tab, and listen to its console and its requests."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        found = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.size(width, height)

    def size(self, width: int, height: int = 900) -> None:
        """Make the window so large, in pixels."""
        how = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **how)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        while True:
            found = self._next()
            if found.get("id") == self._last:
                assert "error" not in found, found
                result: dict[str, Any] = found["result"]
                return result
            self.told.append(found)

    def wait_for(self, event: str) -> None:
        """Listen until an event is told."""
        while not any(one.get("method") == event for one in self.told):
            self.told.append(self._next())

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], deadline - time.monotonic())
            assert ready, "Chromium does not answer"
            read = os.read(self._answers, 1 << 20)
            assert read, "Chromium has ended"
            self._rest += read
        one, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(one)
        return message

    def go(self, page: Path) -> float:
        """Open a file, wait until it is drawn, and return the seconds that took."""
        began = time.monotonic()
        self.ask("Page.navigate", url=page.as_uri())
        while not self.run("document.documentElement?.dataset.drawn === 'true'"):
            assert time.monotonic() - began < PATIENCE_S, self.complaints
            time.sleep(0.05)
        return time.monotonic() - began

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page, awaited if it is a promise."""
        found = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    @contextmanager
    def dark(self) -> Iterator[None]:
        """Prefer dark pages."""
        self._prefer("dark")
        try:
            yield
        finally:
            self._prefer("light")

    def _prefer(self, scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[feature])

    def scripts(self, on: bool) -> None:
        """Run the scripts of pages, or not."""
        self.ask("Emulation.setScriptExecutionDisabled", value=not on)

    def picture(self, path: Path) -> None:
        """Save a picture of the whole page."""
        found = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        text = {"Enter": {"text": "\r"}, " ": {"text": " "}}.get(key, {})
        code = {"Enter": 13, "Tab": 9, " ": 32}[key]
        how = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **how, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **how)

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings of the console, and exceptions."""
        found = []
        for one in self.told:
            parameters = one.get("params", {})
            match one.get("method"):
                case "Runtime.exceptionThrown":
                    found.append(str(parameters["exceptionDetails"]))
                case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning"):
                    found.append(str(parameters["args"]))
                case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                    found.append(str(parameters["entry"]))
        return found

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for, other than of what is in the page itself."""
        sent = [one for one in self.told if one.get("method") == "Network.requestWillBeSent"]
        urls = [str(one["params"]["request"]["url"]) for one in sent]
        return [url for url in urls if not url.startswith(("data:", "blob:", "about:"))]


@contextmanager
def tab(folder: Path) -> Iterator[Tab]:
    """Yield a tab of a Chromium of its own, which is ended afterwards."""
    found = program()
    assert found
    (theirs_in, ours_out), (ours_in, theirs_out) = _pipe(), _pipe()

    def put_in_place() -> None:
        os.dup2(theirs_in, _READS)
        os.dup2(theirs_out, _WRITES)

    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = [
        *("--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", *root),
        *("--disable-background-networking", "--disable-dev-shm-usage", "--disable-extensions"),
        f"--user-data-dir={folder / 'profile'}",
    ]
    with (folder / "chromium.log").open("wb") as log:
        browser = subprocess.Popen(
            [found, *options],
            stdout=log,
            stderr=log,
            preexec_fn=put_in_place,
            pass_fds=(_READS, _WRITES),
            cwd=folder,
            env={**os.environ, "TMPDIR": "."},  # in the folder; its socket needs a short path
        )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        one = Tab(ours_out, ours_in)
        one.open()
        yield one
    finally:
        os.close(ours_out)
        os.close(ours_in)
        browser.terminate()
        try:
            browser.wait(20)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()


def _pipe() -> tuple[int, int]:
    """Return the ends of a pipe, both above the descriptors of Chromium's."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]
