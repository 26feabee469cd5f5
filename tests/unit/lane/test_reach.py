"""Ports at which no scheduler is: real sockets, each of which says something else, or nothing."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from distributed.security import Security

from daskbench.lane import reach
from daskbench.lane.causes import Explained
from daskbench.lane.protocol import SHARED

HTTP = b"HTTP/1.1 400 Bad Request\r\nServer: {}\r\n\r\n"
Server = Callable[[bytes], str]


@pytest.fixture
def server() -> Iterator[Server]:
    """Listen, say these bytes to everyone who connects, and close; b"" says nothing and stays."""
    open_now: list[socket.socket] = []

    def serve(listening: socket.socket, said: bytes) -> None:
        while True:
            try:
                there, _ = listening.accept()
            except OSError:
                return
            open_now.append(there)
            if said:
                there.recv(64)
                there.sendall(said)
                there.shutdown(socket.SHUT_WR)

    def begin(said: bytes) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        thread = Thread(target=serve, args=(listening, said))
        thread.start()
        started.append((listening, thread))
        return f"127.0.0.1:{listening.getsockname()[1]}"

    started: list[tuple[socket.socket, Thread]] = []
    yield begin
    for listening, thread in started:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
    for there in open_now:
        there.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_SAY_S", 0.3)
    monkeypatch.delenv(SHARED, raising=False)


def refused(address: str) -> str:
    with pytest.raises(Explained) as error:
        reach.check(address, Security(), 0.5)
    assert address in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("scheme", "said", "told"),
    [
        ("tcp", HTTP.replace(b"{}", b"TornadoServer/6.5"), "that is a dashboard"),
        ("tcp", HTTP.replace(b"{}", b"nginx"), "that is an HTTP server"),
        ("tcp", b"\x15\x03\x01\x00\x02\x02\x46", "it uses TLS: use tls://"),
        ("tcp", b"SSH-2.0-x\r\n", "does not speak Dask's protocol"),
        ("tcp", b"", "accepts connections there but does not respond"),
    ],
)
def test_what_is_there_instead_is_told(server: Server, scheme: str, said: bytes, told: str) -> None:
    assert told in refused(f"{scheme}://{server(said)}")


def test_nobody_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED, str(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    first = refused(address)
    assert "nothing listens there" in first
    monkeypatch.setattr(reach, "_ask", lambda *_: pytest.fail("asked again"))
    assert refused(address) == first


def test_the_address_of_a_file_is_read(tmp_path: Path) -> None:
    (file := tmp_path / "s.json").write_text('{"address": "tcp://127.0.0.1:1"}')
    assert reach.address_of({"scheduler_file": str(file)}) == "tcp://127.0.0.1:1"
    file.write_text('{"addr')
    with pytest.raises(Explained, match="cannot read an address"):
        reach.address_of({"scheduler_file": str(file)})
