"""What lies between workers, from the messages that they sent each other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from daskbench.events import Transfer
from daskbench.stats.median import Median, median_of

#: The session and the round of a message, or anything else that tells when it was sent.
Moment = tuple[float, float]


@dataclass(frozen=True)
class End:
    """A worker, or the client, which has no address; another launch may have another address."""

    name: str
    address: str = field(default="", compare=False)

    @property
    def protocol(self) -> str:
        """The protocol of its address."""
        return self.address.partition("://")[0]

    @property
    def host(self) -> str:
        """The host of its address."""
        return self.address.partition("://")[2].rpartition(":")[0]

    @property
    def label(self) -> str:
        """Its name, with its host."""
        if not self.address or self.name == self.address:
            return self.name.rpartition("://")[2]
        return f"{self.name} ({self.host})" if self.host else self.name


@dataclass(frozen=True)
class Visits:
    """The messages of one size from one worker to another: the median of each round, in seconds.

    `first_s` are those of the first messages of each connection.
    """

    by_round: Mapping[Moment, float]
    first_s: Sequence[float]
    raw_s: Sequence[Sequence[float]]
    returned: bool

    @cached_property
    def median(self) -> Median | None:
        """The median of the rounds."""
        return median_of(np.array([*self.by_round.values()]))


@dataclass(frozen=True)
class Pair:
    """What lies between two workers: messages go from `source` to `target`.

    `visits` are by size. `reason` says why there are no figures, or not all of them.
    """

    source: End
    target: End
    same_host: bool
    visits: Mapping[int, Visits]
    reason: str | None

    @property
    def label(self) -> str:
        """Its name: ``0 (10.0.0.1) -> 1 (10.0.0.2)``."""
        return f"{self.source.label} -> {self.target.label}"

    @property
    def is_itself(self) -> bool:
        """Whether a worker sends messages to itself."""
        return self.source == self.target

    @property
    def is_of_workers(self) -> bool:
        """Whether both ends are workers, and not the same."""
        return bool(self.source.address and self.target.address) and not self.is_itself

    @cached_property
    def latency(self) -> Median | None:
        """Half the round trip of the smallest message, in seconds."""
        small = self.visits.get(min(self.visits, default=0))
        found = small.median if small and small.returned else None
        return found.times(0.5) if found else None

    @cached_property
    def bandwidth(self) -> Median | None:
        """Bytes per second of the largest message, without the round trip of the smallest.

        In each round, as both share what the network did then.
        """
        if len(self.visits) < 2:
            return None
        small, large = self.visits[min(self.visits)], self.visits[max(self.visits)]
        if large.returned:
            return None
        times = [
            whole - small.by_round[moment]
            for moment, whole in large.by_round.items()
            if moment in small.by_round and whole > small.by_round[moment]
        ]
        return median_of(max(self.visits) / np.array(times)) if times else None

    @property
    def rounds(self) -> int:
        """The number of rounds with figures."""
        return max((len(one.by_round) for one in self.visits.values()), default=0)

    @property
    def is_complete(self) -> bool:
        """Whether every size has arrived."""
        return bool(self.visits) and all(one.by_round for one in self.visits.values())


def pairs_of(sent: Iterable[tuple[Moment, Transfer]]) -> list[Pair]:
    """Return the pairs between which messages were sent, each with its moment."""
    seen: defaultdict[tuple[str, str], list[tuple[Moment, Transfer]]] = defaultdict(list)
    for moment, one in sent:
        seen[one.source, one.target].append((moment, one))
    return sorted(map(_pair, seen.values()), key=_order)


def _order(pair: Pair) -> tuple[tuple[bool, int, str], ...]:
    """Order names that are numbers as numbers; the client is last."""
    return tuple(
        (not one.address, len(one.name) if one.name.isdigit() else 0, one.name)
        for one in (pair.source, pair.target)
    )


def _pair(seen: Sequence[tuple[Moment, Transfer]]) -> Pair:
    by_size: defaultdict[int, list[tuple[Moment, Transfer]]] = defaultdict(list)
    for moment, one in seen:
        by_size[one.sent_bytes].append((moment, one))
    reasons = [one.reason for _, one in seen if one.reason]
    first = seen[0][1]
    told = f"{len(reasons)} of {len(seen)} visits failed: {reasons[0]}" if reasons else None
    return Pair(
        End(first.source, first.source_address),
        End(first.target, first.target_address),
        first.same_host,
        {size: _visits(by_size[size]) for size in sorted(by_size)},
        told,
    )


def _visits(seen: Sequence[tuple[Moment, Transfer]]) -> Visits:
    arrived = [(moment, one) for moment, one in seen if one.seconds and not one.reason]
    return Visits(
        {moment: float(np.median(one.seconds)) for moment, one in arrived},
        [one.first_s for _, one in arrived if one.first_s is not None],
        [one.seconds for _, one in arrived],
        seen[0][1].returned,
    )
