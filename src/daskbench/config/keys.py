"""The options: how each is read, what it may look like, and what it is for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from daskbench.benchmarks.base import SHIPPED, Parameter
from daskbench.config.values import (
    list_of,
    one_of,
    percent_from,
    read_address,
    read_blas_threads,
    read_bytes,
    read_count,
    read_count_or_zero,
    read_existing_file,
    read_few,
    read_flag,
    read_fraction,
    read_integer,
    read_interval,
    read_number,
    read_scheduler_file,
    read_seconds,
    read_switch,
    read_text,
)
from daskbench.lane.schedulers import SCHEDULERS

#: No machine is so quiet that an interval becomes narrower than this.
NARROWEST = 0.001


@dataclass(frozen=True)
class Key:
    """One option: how its value is read, what it may look like, and what it is for.

    A `flag` is given without a value, as ``--memory`` or ``--no-memory``; in a file it is true or
    false.
    """

    read: Callable[[object], Any]
    metavar: str
    help: str
    flag: bool = False

    def with_default(self, default: str) -> "Key":
        """Return the same for a command that has another default: it stands last in the help."""
        return replace(self, help=f"{self.help.rpartition(' [')[0]} [{default}]")


WHERE = {
    "schedulers": Key(
        list_of(one_of(SCHEDULERS)), "NAME,...", f"Where to run: {', '.join(SCHEDULERS)}. [all]"
    ),
    "workers": Key(
        list_of(read_few),
        "N,...",
        "Workers of threads, processes and distributed. [1 and the number of usable cores]",
    ),
    "threads-per-worker": Key(list_of(read_few), "N,...", "Threads of a distributed worker. [1]"),
    "memory-limit": Key(
        list_of(read_bytes),
        "SIZE,...",
        "Memory of a distributed worker, as 4GiB. [its share of all]",
    ),
    "address": Key(
        read_address,
        "URL",
        "Measure distributed on the cluster whose scheduler is at tcp://host:port.",
    ),
    "scheduler-file": Key(
        read_scheduler_file, "FILE", "Find that cluster by the file that 'dask scheduler' wrote."
    ),
    "tls-ca": Key(read_existing_file, "FILE", "CA certificate of that cluster (PEM)."),
    "tls-cert": Key(read_existing_file, "FILE", "Client certificate for that cluster (PEM)."),
    "tls-key": Key(read_existing_file, "FILE", "Key of the client certificate (PEM)."),
}
THRESHOLDS = {
    name: Key(read_fraction, "FRACTION|off", f"Part of a worker's memory limit {what}. [{default}]")
    for name, what, default in (
        ("target", "of managed data above which the oldest go to disk", SHIPPED["target"]),
        ("spill", "of its process above which data go to disk", SHIPPED["spill"]),
        ("pause", "of its process above which it starts no task", SHIPPED["pause"]),
        ("terminate", "of its process above which its nanny ends it", SHIPPED["terminate"]),
    )
} | {
    "recent-to-old": Key(
        read_seconds, "TIME", "Age at which unmanaged memory is no longer called recent. [30s]"
    )
}
HOW = {
    "rounds": Key(
        read_few,
        "N",
        "Rounds: samples of each case, taken in turns. [until every row is decided; 10 where there "
        "is nothing to compare, or with --launches or --precision]",
    ),
    "warmup": Key(
        read_count_or_zero,
        "N",
        "Samples of each case first that count in no figure. [1; 0: none at all]",
    ),
    "launches": Key(
        read_few,
        "N",
        "Restart every lane N times, each with that many rounds, so that intervals include "
        "launch-to-launch variation. [1]",
    ),
    "precision": Key(
        percent_from(NARROWEST, "2%"),
        "PERCENT",
        "Go on until the 95 % interval of every mean and ratio is narrower than this part of it, "
        "or --budget is spent. [none]",
    ),
    "budget": Key(
        read_seconds,
        "TIME",
        "Stop after the round that crosses this time, but not before round 3. "
        "[60s; with --precision 5m; with --rounds none]",
    ),
    "timeout": Key(read_seconds, "TIME", "End a case when one of its samples takes longer. [10m]"),
    "wait-for-workers": Key(
        read_seconds,
        "TIME",
        "Wait so long for the workers of distributed to be there. [10s; for those of --address 5m, "
        "but not over --timeout]",
    ),
    "min-time": Key(read_seconds, "TIME", "Repeat shorter work in a loop, up to this time. [10ms]"),
    "blas-threads": Key(
        read_blas_threads, "N|native", "BLAS threads of each worker; native: as each ships. [1]"
    ),
    "hardware": Key(
        read_switch,
        "on|off",
        "Measure dgemm and memory bandwidth beside a benchmark that comes near them. [on]",
    ),
    "memory": Key(
        read_flag, "", "Read what each worker of distributed holds, at its heartbeats.", flag=True
    ),
    "memory-interval": Key(read_interval, "TIME", "Read it not more often than this. [500ms]"),
}
KEYS = WHERE | THRESHOLDS | HOW


def option_name(parameter: str) -> str:
    """Return the name that a parameter has as an option and in benchmarks.toml."""
    return parameter.replace("_", "-")


def parameter_key(parameter: Parameter) -> Key:
    """Return how a benchmark's parameter is read: a list sweeps it."""
    if parameter.read:
        return Key(list_of(parameter.read), parameter.metavar, parameter.help)
    if parameter.choices:
        return Key(list_of(one_of(parameter.choices)), "|".join(parameter.choices), parameter.help)
    if isinstance(parameter.default, str):
        return Key(list_of(read_text), "TEXT,...", parameter.help)
    if isinstance(parameter.default, float):
        return Key(list_of(read_number), "X,...", parameter.help)
    return Key(list_of(_integer_like(parameter.default)), "N,...", parameter.help)


def _integer_like(default: int) -> Callable[[object], int]:
    """Return a reader of integers of which the default is one."""
    return read_count if default > 0 else read_count_or_zero if default == 0 else read_integer
