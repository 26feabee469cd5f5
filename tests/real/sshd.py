"""A real sshd on 127.0.0.1, with keys made for the test."""

import getpass
import os
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from .tool import wait_for

CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/own.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
"""


class Sshd:
    """Lets in who has the key `own`; ended by its owner, the test."""

    def __init__(self, folder: Path) -> None:
        sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if not sshd or not shutil.which("ssh-keygen"):
            pytest.skip("needs sshd (make system-packages)")
        self.folder = folder
        for name in ("host", "own", "other"):
            _make_key(folder / name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (folder / "config").write_text(CONFIGURATION.format(port=self.port, folder=folder))
        (folder / "known").write_text(
            f"[127.0.0.1]:{self.port} {(folder / 'host.pub').read_text()}"
        )
        if not os.geteuid():
            Path("/run/sshd").mkdir(exist_ok=True)  # for its separation of privileges
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sshd, "-D", "-e", "-f", str(folder / "config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for("sshd", self._listens)

    def _listens(self) -> bool:
        assert self._process.poll() is None, (self.folder / "log").read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as there:
            return there.recv(4) == b"SSH-"
        return False

    def options(self, key: str = "own") -> list[str]:
        """Return the options of daskbench that connect to it."""
        connecting = {
            "port": self.port,
            "username": getpass.getuser(),
            "client_keys": str(self.folder / key),
            "known_hosts": str(self.folder / "known"),
        }
        return [
            word
            for name, value in connecting.items()
            for word in ("--cluster-option", f"connect_options.{name}={value}")
        ]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def _make_key(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
