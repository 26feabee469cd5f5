"""What lies between the hosts of a cluster, measured once before the samples of a case."""

from collections.abc import Iterator, Sequence
from typing import Any

from daskbench.benchmarks.network.messages import whoami
from daskbench.benchmarks.network.network import Network
from daskbench.benchmarks.workers import Transfer
from daskbench.lane.travel import OURS, send_code
from daskbench.lane.work import Computing

#: The message of the latency, and that of the bandwidth.
_SIZES = ("1B", "8MiB")
#: So many hosts, so that even slow networks take seconds.
_MOST_HOSTS = 3


def between_hosts(client: Any, computing: Computing, workers: Sequence[str]) -> list[Transfer]:
    """Return messages between one worker of each of some hosts; none if all are on one host."""
    send_code(client, Network.__module__, OURS)
    chosen = [*_one_of_each(client.run(whoami, workers=[*workers]))][:_MOST_HOSTS]
    if len(chosen) < 2:
        return []
    sent = [one for size in _SIZES for one in _sent(size, computing, chosen)]
    return [one for one in sent if one.target_address and not one.same_host]


def _one_of_each(found: dict[str, Any]) -> Iterator[str]:
    """Yield the address of one worker of each host."""
    by_host = {found[address]["host"]: address for address in sorted(found, reverse=True)}
    yield from sorted(by_host.values())


def _sent(size: str, computing: Computing, workers: Sequence[str]) -> Sequence[Transfer]:
    """Let workers send each other a message of this size."""
    network = Network(size, seed=0)
    network.meet(workers)
    network.prepare(computing)
    answer = network.proceed(computing(*network.collection()), computing)
    return network.account(answer, computing).transfers
