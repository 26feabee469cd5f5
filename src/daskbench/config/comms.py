"""The protocol and the network interface of a cluster that lanes start."""

import socket
from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from daskbench.config.values import one_of
from daskbench.errors import UsageError, nearest
from daskbench.keywords import Options, merged
from daskbench.lane.deploy import is_encrypted, kind_of

KEYS = ("protocol", "interface")
#: Of distributed itself; packages register others as `distributed.comm.backends`.
_PROTOCOLS = ("tcp", "tls", "ws", "wss", "inproc")


def read_protocol(value: object) -> str:
    """Read the name of a protocol, as in ``tls`` or ``tls://``; raises UsageError."""
    others = (point.name for point in entry_points(group="distributed.comm.backends"))
    return one_of((*_PROTOCOLS, *others))(str(value).removesuffix("://"))


def options_of(kind: str, values: Mapping[str, Any]) -> Options:
    """Return protocol and interface, if values have them, as a kind of cluster takes them."""
    given = {key: values[key] for key in KEYS if key in values}
    places = kind_of(kind).comms_at
    return merged(*({place: given} for place in places)) if places and given else given


def placed(kind: str, options: Options) -> Options:
    """Return options of a kind of cluster, with protocol and interface where it takes them."""
    others = {key: value for key, value in options.items() if key not in KEYS}
    return merged(options_of(kind, options), others)


def check_here(options: Mapping[str, Any]) -> None:
    """Raise UsageError if no local cluster can be started with this protocol or interface."""
    interface, protocol = options.get("interface"), str(options.get("protocol", ""))
    known = [name for _, name in socket.if_nameindex()]
    if interface and interface not in known:
        raise UsageError(
            f"this machine has no interface '{interface}': {nearest(str(interface), known)}"
        )
    if is_encrypted(protocol) and find_spec("cryptography") is None:
        raise UsageError(
            f"--protocol {protocol} makes certificates for a local cluster, which needs "
            "cryptography: pip install cryptography"
        )
