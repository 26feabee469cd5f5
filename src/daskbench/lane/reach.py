"""Check that a scheduler listens at an address, and otherwise diagnose what does."""

import asyncio
import hashlib
import json
import os
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from distributed.comm import connect
from distributed.security import Security

from daskbench import ranks
from daskbench.lane import activity
from daskbench.lane.causes import Explained, told
from daskbench.lane.protocol import SHARED

#: Timeouts for connecting to a scheduler, and for diagnosing another server.
CONNECT_S, _SAY_S = 10.0, 2.0
#: How long rank 1 may take to start the scheduler.
_RANKS_S, _AGAIN_S = 60.0, 0.1
_ASK = b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n"
_TLS_ALERT, _TLS_SHAKE = b"\x15\x03", b"\x16\x03"
_MOST = 4096


def address_of(where: Mapping[str, str]) -> str:
    """Return the given address, or that in the scheduler file. Raises Explained."""
    if address := where.get("address"):
        return address
    file = where.get("scheduler_file") or _file_of_ranks()
    try:
        found = json.loads(Path(file).read_text())["address"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Explained(f"cannot read an address from {file}: {told(error)}") from error
    return str(found)


def _file_of_ranks() -> str:
    """Return the scheduler file of this job step, as soon as it is there. Raises Explained."""
    if not (started := ranks.started()):
        raise Explained("no launcher started this process, so there is no cluster of its ranks")
    deadline = monotonic() + _RANKS_S
    while not started.scheduler_file.exists():
        if monotonic() > deadline:
            raise Explained(f"the scheduler, which is rank 1, did not start within {_RANKS_S:g} s")
        activity.report("waiting for the scheduler, which is rank 1")
        sleep(_AGAIN_S)
    return str(started.scheduler_file)


def check(address: str, security: Security, timeout_s: float) -> None:
    """Raise Explained if no scheduler answers; the lanes of a run share a failure."""
    known = _remembered(address)
    with suppress(OSError, TypeError):
        if known:
            raise Explained(known.read_text())
    try:
        _ask(address, security, min(timeout_s, CONNECT_S))
    except Explained as error:
        with suppress(OSError):
            if known:
                known.write_text(str(error))
        raise


def _remembered(address: str) -> Path | None:
    """Return the file in which the lanes of a run share the failure to reach `address`."""
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    folder = os.environ.get(SHARED)
    return Path(folder) / f"unreachable-{digest}" if folder else None


def _ask(address: str, security: Security, timeout_s: float) -> None:
    try:
        kind = asyncio.run(asyncio.wait_for(_identify(address, security, timeout_s), timeout_s))
    except Exception as error:
        why = _what_is_there(address) or told(error)
        raise Explained(f"no scheduler at {address} (timeout {timeout_s:g} s): {why}") from error
    if kind != "Scheduler":
        raise Explained(f"{address} is a {kind.lower()}, not a scheduler; use the scheduler's port")


async def _identify(address: str, security: Security, timeout_s: float) -> str:
    """Return the type that a Dask server reports."""
    arguments = security.get_connection_args("client")
    # Less than the overall timeout, which would hide the reason of a failure.
    comm: Any = await connect(address, timeout=timeout_s * 0.9, **arguments)
    try:
        await comm.write({"op": "identity", "reply": True})
        answer = await comm.read()
        return str(answer["type"])
    finally:
        comm.abort()


def _what_is_there(address: str) -> str | None:
    """Describe what listens at an address instead of the expected scheduler, if known."""
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if scheme not in ("tcp", "tls"):
        return None
    try:
        where = host.strip("[]"), int(port)
        with socket.create_connection(where, _SAY_S) as there:
            there.sendall(_ASK)
            said = _hear(there)
    except (OSError, ValueError) as error:
        return _in_words(error)
    if said == b"" and scheme == "tcp" and _shakes_hands(where):
        said = _TLS_SHAKE
    return None if said == b"" else _kind_of(said or b"", scheme)


def _shakes_hands(where: tuple[str, int]) -> bool:
    """Whether a server speaks TLS; Dask closes plain connections to TLS ports."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        suppress(OSError),
        socket.create_connection(where, _SAY_S) as there,
        context.wrap_socket(there),
    ):
        return True
    return False


def _in_words(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return f"nothing listens there ({text})" if isinstance(error, ConnectionRefusedError) else text


def _hear(there: socket.socket) -> bytes | None:
    """Return the response; None if the connection stays open without one."""
    said = b""
    try:
        while len(said) < _MOST and (more := there.recv(_MOST)):
            said += more
    except TimeoutError:
        return said or None
    except OSError:
        pass
    return said


def _kind_of(said: bytes, scheme: str) -> str | None:
    """Describe a server by its response; None if Dask's error is more informative."""
    if said.startswith(b"HTTP/"):
        if b"TornadoServer" in said:
            return "that is a dashboard; use the scheduler's port (8786 by default)"
        return "that is an HTTP server, not a scheduler"
    if said.startswith((_TLS_ALERT, _TLS_SHAKE)):
        if scheme == "tls":
            return None
        return "it uses TLS: use tls://, with --tls-ca, --tls-cert and --tls-key"
    if b"pickle-protocol" in said:
        return "it does not use TLS: use tcp://" if scheme == "tls" else None
    if not said:
        return "something accepts connections there but does not respond"
    return "the server there does not speak Dask's protocol"
