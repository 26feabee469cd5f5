"""Hosts that are network namespaces, joined by a switch, with a delay and a rate of their own.

The test itself, and what it starts, is outside, beside the hosts.
"""

import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from .cluster import ExternalCluster

_NEEDED = "needs network namespaces: root, ip and tc (make system-packages), and /dev/net/tun"
_RELAY = Path(__file__).with_name("relay.py")
#: Programs of the system, which not every user has on PATH.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
#: Large frames, as the switch is a program that handles each of them.
_MTU = "9000"
_NUMBERS = count()
#: Dask gives up a connection after this time without an answer, by default 30 s.
IMPATIENT = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s"}


def system(name: str) -> str:
    """Return the path of a program of the system."""
    return shutil.which(name, path=_PATH) or name


def _run(name: str, *words: str) -> None:
    done = subprocess.run([system(name), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (name, words, done.stderr)


def _works(name: str, *words: str) -> bool:
    return not subprocess.run([system(name), *words], capture_output=True, check=False).returncode


class Hosts:
    """Namespaces by name, each with an address; ended by its owner, the test."""

    def __init__(self, *names: str) -> None:
        number = next(_NUMBERS)
        self._own = f"db{os.getpid() % 10_000}{number % 10}"
        net = f"10.{200 + number % 50}.{os.getpid() % 250}"
        self.addresses = {name: f"{net}.{n}" for n, name in enumerate(names, 2)}
        self._relay: subprocess.Popen[str] | None = None
        tools = all(shutil.which(one, path=_PATH) for one in ("ip", "tc"))
        tools = tools and Path("/dev/net/tun").exists()
        if os.geteuid() or not tools or not _works("ip", "netns", "add", self._own):
            pytest.skip(_NEEDED)
        try:
            self._start(f"{net}.1")
        except BaseException:
            self.close()
            raise

    def _start(self, outside: str) -> None:
        devices = [self._own, *map(self._device, self.addresses)]
        self._relay = subprocess.Popen(
            [sys.executable, str(_RELAY), *devices],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._relay.stdout
        assert self._relay.stdout.readline() == "ready\n"
        self._up((), self._own, outside)
        for name, address in self.addresses.items():
            _run("ip", "netns", "add", self.namespace(name))
            _run("ip", "link", "set", self._device(name), "netns", self.namespace(name))
            self._up(("-n", self.namespace(name)), self._device(name), address)
            _run("ip", "-n", self.namespace(name), "link", "set", "lo", "up")

    def _up(self, where: tuple[str, ...], device: str, address: str) -> None:
        _run("ip", *where, "addr", "add", f"{address}/24", "dev", device)
        _run("ip", *where, "link", "set", device, "mtu", _MTU, "up")

    def namespace(self, name: str) -> str:
        return f"{self._own}-{name}"

    def _device(self, name: str) -> str:
        return f"{self._own}{name}"

    def shape(self, delay_s: float, rate: str = "") -> None:
        """Delay all that hosts send, and let ``tc-tbf`` send it at a rate such as ``100mbit``."""
        assert self._relay
        assert self._relay.stdin
        self._relay.stdin.write(f"{delay_s}\n")
        self._relay.stdin.flush()
        for name in self.addresses:
            qdisc = ("tc", "-n", self.namespace(name), "qdisc")
            where = ("dev", self._device(name), "root")
            if rate:
                bucket = ("burst", "32kb", "latency", "50ms")
                _run(*qdisc, "replace", *where, "tbf", "rate", rate, *bucket)
            else:
                _works(*qdisc, "del", *where)

    def cut(self, name: str) -> None:
        """Let nothing reach a host, nor leave it; connections are not closed."""
        _run("ip", "-n", self.namespace(name), "link", "set", self._device(name), "down")

    def join(self, name: str) -> None:
        """Undo that."""
        _run("ip", "-n", self.namespace(name), "link", "set", self._device(name), "up")

    def close(self) -> None:
        """Remove all of it; devices end with the switch."""
        if self._relay:
            with self._relay:
                self._relay.kill()
        for name in ("", *self.addresses):
            _works("ip", "netns", "del", self.namespace(name) if name else self._own)


class SpreadCluster(ExternalCluster):
    """A cluster whose scheduler is on the first of some hosts, and a worker on each other one."""

    def __init__(self, folder: Path, hosts: Hosts) -> None:
        self.hosts = hosts
        self._names = iter([*hosts.addresses])
        super().__init__(folder, workers=len(hosts.addresses) - 1, environment=IMPATIENT)

    def _command(self, *arguments: str) -> list[str]:
        name = next(self._names)
        there = [self.hosts.addresses[name] if one == "127.0.0.1" else one for one in arguments]
        inside = [system("ip"), "netns", "exec", self.hosts.namespace(name)]
        return [*inside, *super()._command(*there)]
