"""A Dask cluster that is already there: scheduler and workers as programs of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from .tool import wait_for

MARK = "DASKBENCH_TEST_CLUSTER"

BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Block())
"""
OTHER_VERSION = """
import importlib.metadata
_version = importlib.metadata.version
importlib.metadata.version = lambda name: "1.99.0" if name == "numpy" else _version(name)
"""
#: Asks a cluster, as a program of its own, who is connected and what is installed on it.
ASK = """
import json, sys
from distributed import Client
from distributed.security import Security
address, tls = json.loads(sys.argv[1])
security = Security(require_encryption=True, **tls) if tls else None
with Client(address, timeout=10, security=security) as client:
    mine = client.id
    def look(dask_scheduler):
        return {
            "plugins": [name for name in dask_scheduler.plugins if "daskbench" in name],
            "clients": [
                name for name in dask_scheduler.clients if name not in (mine, "fire-and-forget")
            ],
            "workers": len(dask_scheduler.workers),
            "topics": [name for name in dask_scheduler._broker._topics if "daskbench" in name],
            "heartbeats": dask_scheduler.handlers["heartbeat_worker"].__qualname__,
            "tasks": len(dask_scheduler.tasks),
        }
    found = client.run_on_scheduler(look)
    found["sum"] = client.submit(sum, [1, 2, 3]).result(timeout=20)
print(json.dumps(found))
"""


def blocking(folder: Path, *names: str) -> dict[str, str]:
    """Return the environment of a Python that cannot import these packages."""
    return sitecustomize(folder, BLOCK.format(names=names))


def sitecustomize(folder: Path, code: str) -> dict[str, str]:
    """Return the environment of a Python that runs this code first."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code)
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path)}


class ExternalCluster:
    """Started with ``dask scheduler`` and ``dask worker``; ended only by its owner, the test."""

    def __init__(
        self,
        folder: Path,
        workers: int = 2,
        environment: Mapping[str, str] | None = None,
        tls: Mapping[str, Path] | None = None,
    ) -> None:
        folder.mkdir()
        self.folder, self.mark = folder, uuid4().hex
        self.tls = {name: str(path) for name, path in (tls or {}).items()}
        self.file = folder / "scheduler.json"
        self._environment = os.environ | {MARK: self.mark} | dict(environment or {})
        self._started: list[subprocess.Popen[bytes]] = []
        protocol = ("--protocol", "tls") if tls else ("--protocol", "tcp")
        where = ("--scheduler-file", str(self.file))
        local = ("--host", "127.0.0.1", "--no-dashboard")
        self._scheduler = ("scheduler", *where, *local, *protocol, *self._options(tls))
        self._worker = ("worker", *where, *local, *protocol, *self._options(tls))
        self._worker += ("--nthreads", "1", "--local-directory", str(folder), "--name")
        self.scheduler = self._start(*self._scheduler, "--port", "0")
        self.workers = [self._start(*self._worker, f"w{number}") for number in range(workers)]
        try:
            self.address = str(wait_for("the scheduler", self._address))
            self._wait_for_workers()
        except BaseException:
            self.close()
            raise

    def restart(self) -> None:
        """Kill the scheduler, at which its workers end too, and start others at its address."""
        self.scheduler.kill()
        for process in self._started:
            process.wait()
        self._started.clear()
        self.scheduler = self._start(*self._scheduler, "--port", self.address.rpartition(":")[2])
        self.workers = [self._start(*self._worker, f"w{n}") for n in range(len(self.workers))]
        self._wait_for_workers()

    def _wait_for_workers(self) -> None:
        wait_for("the workers", lambda: self.ask()["workers"] == len(self.workers))

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"log-{len(self._started)}").open("wb") as log:
            process = subprocess.Popen(
                self._command(*arguments),
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def _command(self, *arguments: str) -> list[str]:
        """Return the command line of the next program, which ``dask`` takes these arguments for."""
        return [sys.executable, "-m", "dask", *arguments]

    @staticmethod
    def _options(tls: Mapping[str, Path] | None) -> list[str]:
        names = {
            "tls_ca_file": "--tls-ca-file",
            "tls_client_cert": "--tls-cert",
            "tls_client_key": "--tls-key",
        }
        return [part for name, path in (tls or {}).items() for part in (names[name], str(path))]

    def _address(self) -> str | None:
        with suppress(OSError, ValueError):
            return str(json.loads(self.file.read_text())["address"])
        return None

    def ask(self) -> dict[str, Any]:
        """Ask the cluster how it is; it also has to compute something."""
        asked = subprocess.run(
            [sys.executable, "-c", ASK, json.dumps([self.address, self.tls])],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
            timeout=60,
        )
        assert asked.returncode == 0, asked.stderr + self.log
        found: dict[str, Any] = json.loads(asked.stdout)
        return found

    def wait_until_untouched(self, workers: int) -> None:
        """It is alive and whole, and soon nothing of ours is left on it, however that ended."""
        self.check_untouched(workers, wait_for("an empty cluster", self._ask_when_empty))

    def _ask_when_empty(self) -> dict[str, Any] | None:
        found = self.ask()
        return None if found["clients"] else found

    def check_untouched(self, workers: int, found: Mapping[str, Any] | None = None) -> None:
        """It is alive and whole, and nothing of ours is left on it."""
        assert [process.poll() for process in self._started] == [None] * len(self._started)
        wanted = {
            "plugins": [],
            "topics": [],
            "heartbeats": "Scheduler.heartbeat_worker",
            "clients": [],
            "workers": workers,
            "sum": 6,
        }
        found = found or self.ask()
        seen = {name: found[name] for name in wanted}
        assert seen == wanted, seen

    def nannies(self) -> list[psutil.Process]:
        """Return the programs ``dask worker``: each is the nanny of one worker process."""
        return [psutil.Process(process.pid) for process in self.workers]

    def computing(self) -> list[psutil.Process]:
        """Return the processes in which tasks run."""
        return [
            child
            for nanny in self.nannies()
            for child in nanny.children()
            if "spawn_main" in " ".join(child.cmdline())
        ]

    @property
    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("log-*")))

    def close(self) -> None:
        """End it, whatever became of it."""
        for process in self._started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for found in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if found.environ().get(MARK) == self.mark:
                    found.kill()


def certificates(folder: Path) -> dict[str, Path]:
    """Make a CA, and a certificate for 127.0.0.1 that it has signed, as Dask's Security wants."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder.mkdir()
    start = datetime.now(UTC) - timedelta(hours=1)
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "own")}
    names = {
        name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"daskbench test {name}")])
        for name in keys
    }
    made = {}
    for name, key in keys.items():
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[name])
            .issuer_name(names["ca"])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                critical=False,
            )
        )
        made[name] = builder.sign(keys["ca"], hashes.SHA256())
    files = {
        "tls_ca_file": made["ca"].public_bytes(serialization.Encoding.PEM),
        "tls_client_cert": made["own"].public_bytes(serialization.Encoding.PEM),
        "tls_client_key": keys["own"].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    }
    for file, data in files.items():
        (folder / f"{file}.pem").write_bytes(data)
    return {file: folder / f"{file}.pem" for file in files}
