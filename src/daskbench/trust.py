"""The user's private key, and the seals that prove a journal to be the user's own.

A journal names interpreters and files, which `resume` executes, so its origin must be certain.
Neither its owner nor the host name in it proves that: a victim may have unpacked or copied the
file, and anyone can write a name. A keyed seal (HMAC) does.
"""

import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

import msgspec

from daskbench.events import Header
from daskbench.upgrade import decode_header

_KEY_BYTES = 32
_SEAL = b',"seal":"'
_OF_THIS_PROCESS = secrets.token_bytes(_KEY_BYTES)


def state_folder() -> Path:
    """Return the folder for this user's persistent state.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    given = os.environ.get("XDG_STATE_HOME", "")
    base = Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"  # noqa: PTH117
    return base / "daskbench"


def find_key(*, make: bool = False) -> bytes | None:
    """Return this user's key; None if there is no private one and none can be created."""
    try:
        path = state_folder() / "key"
        if make and not path.exists():
            _make_key(path)
        return _read_key(path)
    except (OSError, RuntimeError):  # no home folder, or it is not writable
        return None


def digest_key() -> bytes:
    """Return the key for digests of secrets, derived from the user's key or one of this process.

    It is not the key of seals, because lanes receive it and run other people's code.
    """
    return hmac.digest(find_key(make=True) or _OF_THIS_PROCESS, b"digests of secrets", "sha256")


def _make_key(path: Path) -> None:
    """Write a new key atomically, unless another daskbench process has just done so."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f"key-{secrets.token_hex(4)}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_KEY_BYTES))
        with suppress(FileExistsError):
            os.link(half, path)
    finally:
        os.close(descriptor)
        half.unlink()


def _read_key(path: Path) -> bytes | None:
    """Return the key if no other user can have read or written it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        private = stat.S_ISREG(found.st_mode) and not found.st_mode & 0o077
        if not private or found.st_uid != os.geteuid():
            return None
        key = os.read(descriptor, _KEY_BYTES + 1)
    finally:
        os.close(descriptor)
    return key if len(key) == _KEY_BYTES else None


def sealed(header: Header, key: bytes | None) -> Header:
    """Return the header with a seal over its content; without a key, with none."""
    bare = msgspec.structs.replace(header, seal="")
    if key is None:
        return bare
    return msgspec.structs.replace(bare, seal=_seal(msgspec.json.encode(bare)[:-1], key))


def is_ours(path: Path, header: Header, key: bytes | None) -> bool:
    """Whether the journal at `path` begins with exactly this header, sealed with our key."""
    with path.open("rb") as file:
        line = file.readline()
    body, _, seal = line.rstrip(b"\n").rpartition(_SEAL)
    if key is None or not body or decode_header(line) != header:
        return False
    return hmac.compare_digest(seal, f'{_seal(body, key)}"}}'.encode())


def _seal(body: bytes, key: bytes) -> str:
    return hmac.digest(key, b"daskbench header\n" + body, "sha256").hex()
