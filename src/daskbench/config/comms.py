"""The protocol and the network interface of a cluster that lanes start."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from daskbench.config.values import one_of
from daskbench.errors import UsageError
from daskbench.keywords import Options, merged
from daskbench.lane.deploy import is_encrypted, kind_of
from daskbench.lane.deploy.options import without_interface

KEYS = ("protocol", "interface")
_SERVERS = ("scheduler_options", "worker_options")
#: Of distributed itself; packages register others as `distributed.comm.backends`.
_PROTOCOLS = ("tcp", "tls", "ws", "wss")
_WITHIN = "inproc"


def read_protocol(value: object) -> str:
    """Read the name of a protocol, as in ``tls`` or ``tls://``; raises UsageError."""
    name = str(value).removesuffix("://")
    if name == _WITHIN:
        raise UsageError(
            f"{name} can't reach workers in other processes; use --schedulers distributed-inproc"
        )
    others = (point.name for point in entry_points(group="distributed.comm.backends"))
    return one_of((*_PROTOCOLS, *others))(name)


def options_of(kind: str, values: Mapping[str, Any]) -> Options:
    """Return protocol and interface, if values have them, as a kind of cluster takes them."""
    given = {key: values[key] for key in KEYS if key in values}
    places = kind_of(kind).comms_at
    return merged(*({place: given} for place in places)) if places and given else given


def placed(kind: str, options: Options) -> Options:
    """Return options of a kind of cluster, with protocol and interface where it takes them."""
    others = {key: value for key, value in options.items() if key not in KEYS}
    return merged(options_of(kind, options), others)


def check(name: str, options: Options) -> None:
    """Raise UsageError if no cluster of this kind can have its protocol or interface."""
    interface = options.get("interface")
    if name == "local" and interface and (why := without_interface(str(interface))):
        raise UsageError(why)
    for table in (options, *(options.get(place) for place in _SERVERS)):
        if isinstance(table, Mapping) and (protocol := table.get("protocol")):
            _check_protocol(name, str(protocol))


def _check_protocol(name: str, protocol: str) -> None:
    try:
        protocol = read_protocol(protocol)
    except UsageError as error:
        raise UsageError(f"--cluster {name}: protocol: {error}") from error
    makes_certificates = name == "local" or kind_of(name).by_jobs
    if is_encrypted(protocol) and makes_certificates and find_spec("cryptography") is None:
        raise UsageError(
            f"--protocol {protocol} makes certificates for a cluster, which needs cryptography: "
            "pip install cryptography"
        )
