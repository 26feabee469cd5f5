"""What lies between workers: latency and bandwidth of each pair of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from daskbench.experiments.base import Experiment, Part
from daskbench.experiments.network import plan
from daskbench.experiments.network.document import COLUMNS, fact_of, record_of, section_of
from daskbench.experiments.network.findings import RULES
from daskbench.experiments.network.rows import NetworkTable, networks_of
from daskbench.journal.run import Run
from daskbench.model import Suite
from daskbench.stats.tables import Numbered


class Networks(Experiment):
    """Shows what lies between each pair of workers, from messages of all sizes."""

    rules = RULES
    facts = ("transfers",)
    keys: ClassVar = plan.KEYS
    columns: ClassVar = (*Experiment.columns, *COLUMNS)
    benchmark = plan.BENCHMARK
    make = staticmethod(plan.make)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return the pairs of each cluster; the cases themselves only where one has failed."""
        part = super().read(run, suite, numbered, published)
        tables = [replace(one, race=False) for one in part.tables]
        found = networks_of(run, part.results)
        if not found:
            return replace(part, tables=tables)
        first = NetworkTable(**vars(tables[0]), networks=tuple(found))
        pairs = [(pair, network) for network in found for pair in network.pairs]
        return replace(
            part,
            tables=(first, *tables[1:]),
            sections=(*(part.sections if part.failed else ()), *map(section_of, found)),
            failed=part.failed or not all(pair.is_complete for pair, _ in pairs),
            facts={"transfers": [fact_of(*one, suite.name) for one in pairs]},
            records=[record_of(*one, suite.name) for one in pairs],
        )


EXPERIMENT = Networks()
