"""What lies between workers: matrices of latency and bandwidth, and a row for each pair."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from daskbench.document import Column, Record, Row, Section, Table
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.transfers import rate, summary_of
from daskbench.document.writers import digits
from daskbench.experiments.network.rows import Network
from daskbench.stats.median import Median
from daskbench.stats.transfers import End, Pair
from daskbench.units import counted, format_bytes, format_seconds

_FAILED = "failed"
#: So many workers fit in the matrix of a terminal.
_NARROW = 4


def _value(write: Callable[[float], str]) -> Callable[[Median], str]:
    return lambda found: write(found.value)


def _spread(write: Callable[[float], str]) -> Callable[[Median], str]:
    """Return a writer of a median with its interval, in one unit: ``11.2 MiB/s [11.1, 11.3]``."""

    def text(found: Median) -> str:
        value, ends = write(found.value), found.interval
        number, _, unit = value.partition(" ")
        if ends is None or (not unit.isalpha() and "/" not in unit):  # such as 1min 15s
            return value
        scale = float(number) / found.value
        return f"{value} [{digits(ends.low * scale)}, {digits(ends.high * scale)}]"

    return text


_SECONDS, _RATE = _spread(format_seconds), _spread(rate)


def _fields(network: Network) -> list[Field[Pair]]:
    return [
        Field(Column("pair", "from -> to", right=False), lambda pair: pair.label),
        Field(Column("hosts", "hosts", right=False, told_once=True, shown="room"), hosts_of),
        Field(Column("latency", "latency", _SECONDS), lambda pair: pair.latency),
        Field(
            Column("own", "of it Dask", format_seconds, shown="room"),
            network.own_s,
        ),
        *map(_of_size, _others(network.pairs)),
        Field(Column("bandwidth", "bandwidth", _RATE), lambda pair: pair.bandwidth),
        Field(Column("rounds", "rounds", shown="room"), lambda pair: pair.rounds),
    ]


def hosts_of(pair: Pair) -> str:
    """Say whether a network lies between two ends."""
    if pair.is_itself:
        return "itself"
    return "same host" if pair.same_host else "two hosts"


def _others(pairs: Sequence[Pair]) -> list[int]:
    """Return the sizes beside the smallest and the largest."""
    return sorted({size for pair in pairs for size in pair.visits})[1:-1]


def _of_size(size: int) -> Field[Pair]:
    return Field(
        Column(f"time_{size}", f"{format_bytes(size)} in", _SECONDS, shown="room"),
        lambda pair: pair.visits[size].median if size in pair.visits else None,
    )


def section_of(network: Network) -> Section:
    """Return the tables of a cluster."""
    pairs, place = network.pairs, network.place
    ends = [*{pair.source: None for pair in pairs}]
    receivers = [*{pair.target: None for pair in pairs}]
    sizes = sorted({size for pair in pairs for size in pair.visits})
    tables = [_matrix(pairs, ends, receivers, "latency", "latency", _value(format_seconds))]
    if any(pair.bandwidth for pair in pairs):
        tables += [_matrix(pairs, ends, receivers, "bandwidth", "bandwidth", _value(rate))]
    return Section(
        f"the network of {place} ({', '.join(_protocols(pairs))})",
        [*tables, _list(network)],
        f"latency: half the median round trip of {format_bytes(sizes[0])}; of it Dask: of a worker "
        f"to itself; bandwidth: {format_bytes(sizes[-1])} as tasks fetch it, divided by the time "
        "without that round trip; in brackets: 95 % CI of the median over rounds; same host: over "
        "no network",
        answer=answer_of(pairs),
    )


def _protocols(pairs: Sequence[Pair]) -> list[str]:
    return sorted({one.protocol for pair in pairs for one in (pair.source,) if one.protocol})


def _matrix(
    pairs: Sequence[Pair],
    sources: Sequence[End],
    targets: Sequence[End],
    name: str,
    title: str,
    write: Callable[[Median], str],
) -> Table:
    """Return a figure of all pairs: from the row to the column."""
    found = {(pair.source, pair.target): pair for pair in pairs}
    columns: list[Column[Any]] = [Column("from", f"{title} from", right=False)]
    columns += [
        Column(
            f"{name}_to_{end.name}",
            f"to {end.label}",
            write,
            shown="always" if place < _NARROW else "room",
        )
        for place, end in enumerate(targets)
    ]
    rows = [
        Row([source.label, *(_cell(found.get((source, one)), name) for one in targets)])
        for source in sources
    ]
    return Table(columns, rows)


def _cell(pair: Pair | None, name: str) -> Median | str | None:
    if pair is None:
        return None
    found = pair.latency if name == "latency" else pair.bandwidth
    return found or (_FAILED if pair.reason else None)


def _list(network: Network) -> Table:
    fields = _fields(network)
    shown = [pair for pair in network.pairs if not pair.is_itself]
    rows = [
        Row(
            cells_of(fields, pair),
            "plain" if pair.is_complete else "failed",
            why="" if pair.is_complete else pair.reason or "no message arrived",
            wrong=[pair.reason] if pair.reason and pair.is_complete else (),
            telling=bool(pair.reason),
            sentence=sentence_of(pair),
        )
        for pair in shown
    ]
    return Table(columns_of(fields), rows)


def sentence_of(pair: Pair) -> str:
    """Say in a line what lies between two workers."""
    where = f"{pair.label} ({hosts_of(pair)})"
    told = [f"latency {_SECONDS(pair.latency)}"] if pair.latency else []
    told += [f"bandwidth {_RATE(pair.bandwidth)}"] if pair.bandwidth else []
    return f"{where}: {', '.join([*told, *([pair.reason] if pair.reason else [])])}"


def answer_of(pairs: Sequence[Pair]) -> str:
    """Return the medians over pairs of workers on one host, and between hosts."""
    workers = [pair for pair in pairs if pair.is_of_workers]
    told = [
        f"{name}: {text}"
        for name, same in (("between hosts", False), ("on the same host", True))
        if (text := summary_of([pair for pair in workers if pair.same_host == same]))
    ]
    failed = sum(not pair.is_complete for pair in workers)
    told += [f"{failed} of {counted(len(workers), 'pair')} failed"] if failed else []
    return "; ".join(told)


def record_of(pair: Pair, network: Network, suite: str) -> Record:
    """Return a pair as plain values, in seconds and bytes."""
    return {
        "source": pair.source.name,
        "target": pair.target.name,
        "source_address": pair.source.address,
        "target_address": pair.target.address,
        "hosts": hosts_of(pair),
        "status": "ok" if pair.is_complete else "failed",
        "reason": pair.reason,
        "rounds": pair.rounds,
        **dict(_ends("latency", "s", pair.latency)),
        "own_s": network.own_s(pair),
        **dict(_ends("bandwidth", "bytes_per_s", pair.bandwidth)),
        "suite": suite,
    }


def _ends(name: str, unit: str, found: Median | None) -> Iterator[tuple[str, float | None]]:
    ends = found.interval if found else None
    yield f"{name}_{unit}", found.value if found else None
    yield f"{name}_low_{unit}", ends.low if ends else None
    yield f"{name}_high_{unit}", ends.high if ends else None


def fact_of(pair: Pair, network: Network, suite: str) -> Record:
    """Return a pair with all its messages."""
    messages: list[Mapping[str, Any]] = [
        {
            "sent_bytes": size,
            "returned": one.returned,
            "median_s": one.median.value if one.median else None,
            "first_s": [*one.first_s],
            "seconds": [[*each] for each in one.raw_s],
        }
        for size, one in pair.visits.items()
    ]
    return {**record_of(pair, network, suite), "messages": messages}


#: All but those of further sizes.
COLUMNS = columns_of(_fields(Network("", ())))
