"""The speed of the hardware, measured in the same rounds."""

from collections.abc import Iterator, Sequence

from daskbench.document.transfers import summary_of
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.transfers import Pair, pairs_of
from daskbench.units import counted, format_bytes


def hardware(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """The rate of dgemm and the memory bandwidth of one core, and of all of them."""
    for table in tables:
        if not table.reference:
            continue
        for row in table.results:
            if row.status in ("failed", "skipped"):
                yield f"hardware, {_probe(row)}: {row.status}: {row.reason}"
        flops = [
            f"{(row.rates.flops_per_s or 0) / 1e9:.3g} GFLOP/s on {_cores(row)}"
            for row in table.results
            if row.rates.flops_per_s
        ]
        moved = [
            f"{format_bytes(row.rates.bytes_per_s or 0)}/s on {_cores(row)}"
            for row in table.results
            if row.rates.bytes_per_s
        ]
        rates = [f"dgemm {', '.join(flops)}"] if flops else []
        rates += [f"memory {', '.join(moved)}"] if moved else []
        if rates:
            yield f"hardware, in the same rounds: {'; '.join(rates)}"


def _probe(row: Result) -> str:
    return f"{row.case.parameters.get('probe')} on {_cores(row)}"


def _cores(row: Result) -> str:
    return counted(row.case.blas_threads or 1, "core")


def between_hosts(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """The network between the hosts of the largest cluster, before its first sample."""
    opened = [
        (run.lanes[row.number], row)
        for table in tables
        for row in table.results
        if row.number in run.lanes and run.lanes[row.number].transfers
    ]
    if not opened:
        return
    lane, row = max(opened, key=lambda one: one[0].workers or 0)
    pairs = pairs_of(((0, 0), one) for one in lane.transfers)
    told = "; ".join(filter(None, (summary_of(pairs), *_failed(pairs))))
    yield f"network between hosts of {row.place}, before its samples: {told}"


def _failed(pairs: Sequence[Pair]) -> Iterator[str]:
    """Say how many pairs failed, and why the first one did."""
    if failed := [pair for pair in pairs if pair.reason]:
        first, of = failed[0], counted(len(pairs), "pair")
        yield f"{len(failed)} of {of} failed, {first.label}: {first.reason}"


RULES = (Rule(hardware), Rule(between_hosts))
