"""What lies between workers, in a few words."""

from collections.abc import Sequence
from statistics import median

from daskbench.stats.transfers import Pair
from daskbench.units import counted, format_bytes, format_seconds


def rate(value: float) -> str:
    """Return ``11.2 MiB/s``."""
    return f"{format_bytes(value)}/s"


def summary_of(pairs: Sequence[Pair]) -> str:
    """Return the medians of latency and bandwidth over pairs; empty if nothing arrived."""
    latencies = [pair.latency.value for pair in pairs if pair.latency]
    rates = [pair.bandwidth.value for pair in pairs if pair.bandwidth]
    told = [f"latency {format_seconds(median(latencies))}"] if latencies else []
    told += [f"bandwidth {rate(median(rates))}"] if rates else []
    of = f", median of {counted(len(pairs), 'pair')}" if len(pairs) > 1 else ""
    return " and ".join(told) + of if told else ""
