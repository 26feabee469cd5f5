"""The options: how each is parsed, its metavar, and its help."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from daskbench.benchmarks.base import SHIPPED, Parameter
from daskbench.config.arguments import read_options
from daskbench.config.comms import read_protocol
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
    read_tolerance,
)
from daskbench.lane.deploy import KINDS
from daskbench.lane.schedulers import SCHEDULERS, USUAL

#: No machine is quiet enough for an interval narrower than this.
NARROWEST = 0.001


@dataclass(frozen=True)
class Key:
    """One option: how its value is parsed, its metavar, and its help.

    A `flag` takes no value, as in ``--memory`` or ``--no-memory``; in a file it is true or false.
    `off` is the name of its opposite, if that is not ``no-`` before its name. One with `many` may
    be given several times, which makes a tuple of values.
    """

    read: Callable[[object], Any]
    metavar: str
    help: str
    flag: bool = False
    off: str = ""
    many: bool = False

    def with_default(self, default: str) -> "Key":
        """Return the key with another default, which is last in the help."""
        return replace(self, help=f"{self.help.rpartition(' [')[0]} [{default}]")


WHERE = {
    "schedulers": Key(
        list_of(one_of(SCHEDULERS)),
        "NAME,...",
        f"Where to run: {', '.join(SCHEDULERS)}. [{','.join(USUAL)}]",
    ),
    "workers": Key(
        list_of(read_few),
        "N,...",
        "Numbers of workers for threads, processes and distributed. [1 and the number of usable "
        "cores; distributed-inproc: 1]",
    ),
    "threads-per-worker": Key(
        list_of(read_few),
        "N,...",
        "Threads of a distributed worker. [1; distributed-inproc without --workers: one per core]",
    ),
    "memory-limit": Key(
        list_of(read_bytes),
        "SIZE,...",
        "Memory limit of a distributed worker, e.g. 4GiB. [its share of the job's memory]",
    ),
    "address": Key(
        read_address,
        "URL",
        "Run distributed on the existing cluster whose scheduler is at tcp://host:port.",
    ),
    "scheduler-file": Key(
        read_scheduler_file, "FILE", "Find that cluster by the file that 'dask scheduler' wrote."
    ),
    "cluster": Key(
        read_text,
        "NAME",
        f"Start distributed on this kind of cluster: {', '.join(KINDS)}, package.module:Class, "
        "FILE.py:NAME, or one of [clusters] in benchmarks.toml. [local]",
    ),
    "cluster-option": Key(
        read_options,
        "KEY=VALUE",
        "Keyword argument of that cluster; repeatable. Dots nest: scheduler_options.port=8786.",
        many=True,
    ),
    "protocol": Key(
        read_protocol,
        "NAME",
        "Protocol of a cluster that daskbench starts: tcp, tls, ws or another that Dask has. [tcp]",
    ),
    "interface": Key(
        read_text,
        "NAME",
        "Network interface at which that cluster listens, as in ib0. [127.0.0.1 on this machine; "
        "elsewhere Dask's choice]",
    ),
    "tls-ca": Key(read_existing_file, "FILE", "CA certificate of that cluster (PEM)."),
    "tls-cert": Key(read_existing_file, "FILE", "Client certificate for that cluster (PEM)."),
    "tls-key": Key(read_existing_file, "FILE", "Key of the client certificate (PEM)."),
}
THRESHOLDS = {
    name: Key(
        read_fraction,
        "FRACTION|off",
        f"Fraction of a worker's memory limit above which {what}. [{default}]",
    )
    for name, what, default in (
        ("target", "managed data spills to disk", SHIPPED["target"]),
        ("spill", "process memory makes data spill to disk", SHIPPED["spill"]),
        ("pause", "process memory pauses the worker, which starts no new tasks", SHIPPED["pause"]),
        ("terminate", "process memory makes the nanny restart the worker", SHIPPED["terminate"]),
    )
} | {
    "recent-to-old": Key(
        read_seconds, "TIME", "Age at which unmanaged memory no longer counts as recent. [30s]"
    )
}
HOW = {
    "rounds": Key(
        read_few,
        "N",
        "Rounds, each of which takes one sample of every case. [until every row is decided; 10 if "
        "there is nothing to compare, or with --launches or --precision]",
    ),
    "warmup": Key(
        read_count_or_zero,
        "N",
        "Warm-up samples of each case, excluded from all results. [1]",
    ),
    "launches": Key(
        read_few,
        "N",
        "Launch every lane N times, with --rounds rounds each, so that intervals include "
        "launch-to-launch variation. [1]",
    ),
    "precision": Key(
        percent_from(NARROWEST, "2%"),
        "PERCENT",
        "Keep measuring until the 95 % interval of every ratio is narrower than this percentage of "
        "it, or --budget is spent. [none]",
    ),
    "budget": Key(
        read_seconds,
        "TIME",
        "Stop after the round that exceeds this time, but not before round 3, or the first with "
        "intervals (4 or 5) if it goes on until every row is decided. [60s; with --precision 5m; "
        "with --rounds or --launches none]",
    ),
    "timeout": Key(read_seconds, "TIME", "Fail a case if one of its samples takes longer. [10m]"),
    "wait-for-workers": Key(
        read_seconds,
        "TIME",
        "How long to wait for distributed workers. [10s; with --address 5m, but not more than "
        "--timeout]",
    ),
    "hold": Key(
        read_flag,
        "",
        "Keep one started cluster with the most --workers for all rows; workers that a row does "
        "not use rest.",
        flag=True,
    ),
    "queue-timeout": Key(
        read_seconds,
        "TIME",
        "How long the jobs of a cluster may wait in their queue. [30m]",
    ),
    "min-time": Key(
        read_seconds, "TIME", "Repeat shorter work in a loop until it takes this long. [10ms]"
    ),
    "blas-threads": Key(
        read_blas_threads,
        "N|native",
        "BLAS threads of each worker; native: the library's default. [1]",
    ),
    "hardware": Key(
        read_switch,
        "on|off",
        "Also measure dgemm and memory bandwidth, or on clusters the network between hosts, for "
        "benchmarks limited by them. [on]",
    ),
    "memory": Key(
        read_flag, "", "Record the memory of each distributed worker at its heartbeats.", flag=True
    ),
    "why": Key(
        read_flag,
        "",
        "Afterwards, take three more samples of each case with instruments on, and show where time "
        "went, in core-seconds by cause.",
        flag=True,
    ),
    "memory-interval": Key(
        read_interval, "TIME", "Shortest time between two readings of a worker. [500ms]"
    ),
}
KEYS = WHERE | THRESHOLDS | HOW


#: Options of users' own functions.
WORK = {
    "plain": Key(
        read_text,
        "FILE.py:NAME",
        "The function that does the same without Dask: the row numpy. [one named plain or numpy in "
        "the same file]",
    ),
    "tolerance": Key(
        read_tolerance,
        "X",
        "Largest relative difference between an answer and the reference. [1e-9]",
    ),
    "as-is": Key(
        read_flag,
        "",
        "Measure a script or function with the client or cluster that it starts itself.",
        flag=True,
    ),
    "keep": Key(
        read_flag,
        "",
        "Compare results chunk by chunk where they are computed, or gather them in one place. "
        "[--keep if they are larger than 100 MiB]",
        flag=True,
        off="gather",
    ),
}
#: Those of experiments that measure any benchmark.
ANY = KEYS | WORK


def option_name(parameter: str) -> str:
    """Return the name that a parameter has as an option and in benchmarks.toml."""
    return parameter.replace("_", "-")


def parameter_key(parameter: Parameter) -> Key:
    """Return the key of a benchmark's parameter; a list of values sweeps it."""
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
    """Return a parser of integers that accepts the default."""
    return read_count if default > 0 else read_count_or_zero if default == 0 else read_integer
