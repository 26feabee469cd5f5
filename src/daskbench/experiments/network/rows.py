"""Latency and bandwidth of each pair of workers, from the messages of all rounds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from daskbench.events import Transfer
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.tables import share_a_lane
from daskbench.stats.transfers import Moment, Pair, pairs_of


@dataclass(frozen=True)
class Network:
    """The pairs of one cluster, workers in order of their names; and where it runs."""

    place: str
    pairs: tuple[Pair, ...]

    def own_s(self, pair: Pair) -> float | None:
        """Return what of a latency is Dask's own, in seconds: that of each end to itself.

        The client sends no messages to itself.
        """
        ends = {pair.source.name, pair.target.name}
        found = [one.latency for one in self.pairs if one.is_itself and one.source.name in ends]
        own = [one.value for one in found if one]
        return sum(own) / len(own) if own else None


@dataclass(frozen=True)
class NetworkTable(ResultTable):
    """The times of all messages between the workers of a cluster, with the networks of all."""

    networks: tuple[Network, ...] = ()


def networks_of(run: Run, rows: Sequence[Result]) -> list[Network]:
    """Return the network of each cluster of which some message is known."""
    clusters: list[list[Result]] = []
    for row in sorted(rows, key=lambda row: row.number):
        own = next((c for c in clusters if share_a_lane(row.suite, row.case, c[0].case)), None)
        if own is None:
            clusters.append([row])
        else:
            own.append(row)
    found = [
        Network(one[0].place, tuple(pairs_of(_sent(run, [row.number for row in one]))))
        for one in clusters
    ]
    return [one for one in found if one.pairs]


def _sent(run: Run, numbers: Iterable[int]) -> Iterator[tuple[Moment, Transfer]]:
    """Yield the messages of the measured samples of cases, each with its session and round."""
    for number in numbers:
        samples = run.samples[number]
        moments = [*zip(samples["session"], samples["round"], strict=True)]
        for i, transfers in samples.transfers.items():
            if samples.measured[i]:
                yield from ((moments[i], one) for one in transfers)
