"""What surprises in a network: pairs that failed or are slow, and that there is none."""

from collections.abc import Iterator, Sequence

import numpy as np

from daskbench.document.transfers import rate
from daskbench.experiments.network.rows import NetworkTable
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.transfers import Pair
from daskbench.units import counted

#: A pair with less than this part of the usual bandwidth is slow.
_SLOW = 0.5
_FEWEST = 3


def _networks(tables: list[ResultTable]) -> Iterator[Sequence[Pair]]:
    for table in tables:
        if isinstance(table, NetworkTable):
            yield from (network.pairs for network in table.networks)


def failed(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Pairs between which messages did not arrive, and the reason of the first."""
    for pairs in _networks(tables):
        if told := [pair for pair in pairs if pair.reason]:
            first = told[0]
            others = f", and {counted(len(told) - 1, 'other pair')}" if len(told) > 1 else ""
            yield f"{first.label}{others}: {first.reason}"


def no_network(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """All workers are on one host, so that messages went over no network."""
    for pairs in _networks(tables):
        workers = [pair for pair in pairs if pair.is_of_workers]
        if workers and all(pair.same_host for pair in workers):
            yield "all workers are on one host, so these figures are of no network"


def slow_pairs(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Pairs that are much slower than others between hosts."""
    for pairs in _networks(tables):
        between = [pair for pair in pairs if pair.is_of_workers and not pair.same_host]
        rates = [(pair, pair.bandwidth.value) for pair in between if pair.bandwidth]
        usual = np.median([value for _, value in rates]) if len(rates) >= _FEWEST else 0.0
        for pair, value in rates:
            if value < _SLOW * usual:
                yield (
                    f"{pair.label} has {rate(value)}, where the median of all pairs of hosts "
                    f"is {rate(float(usual))}"
                )


RULES = (Rule(failed), Rule(no_network), Rule(slow_pairs))
