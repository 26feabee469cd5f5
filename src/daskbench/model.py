"""What is to be measured: cases, suites of them, and the plan of one run."""

from collections.abc import Mapping
from typing import Any

import msgspec

Scalar = int | float | str


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of a table: a benchmark with its parameters on one scheduler.

    `workers` is None where a count of workers means nothing (numpy, synchronous), and for a
    cluster that is already there, which is used whole.
    """

    benchmark: str
    scheduler: str
    parameters: Mapping[str, Scalar]
    workers: int | None = None
    threads_per_worker: int | None = None

    @property
    def place(self) -> str:
        """Where it runs, short: ``threads × 2``, or ``distributed × 2×4`` with 4 threads each."""
        each = f"×{self.threads_per_worker}" if (self.threads_per_worker or 1) > 1 else ""
        return self.scheduler + (f" × {self.workers}{each}" if self.workers else "")

    @property
    def what(self) -> str:
        """What it computes, short: ``calc_mean n=100000 tasks=100 rng=legacy``."""
        name = self.benchmark.rpartition("/")[2]  # of a user's own, the path says little
        return " ".join([name, *(f"{k}={v}" for k, v in self.parameters.items())])

    def __str__(self) -> str:
        return f"{self.what} on {self.place}"


class Cluster(msgspec.Struct, frozen=True, omit_defaults=True):
    """A Dask cluster that is already there, which the tool uses and never ends."""

    address: str | None = None
    scheduler_file: str | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None

    @property
    def name(self) -> str:
        """The address or file by which it was named; empty where there is none."""
        return self.address or self.scheduler_file or ""


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a suite is measured. Durations are in seconds.

    `blas_threads` None leaves each scheduler's BLAS as shipped.
    """

    rounds: int = 7
    warmup: int = 1
    budget_s: float | None = None
    timeout_s: float = 600.0
    min_time_s: float = 0.01
    blas_threads: int | None = 1


class Published(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure that somebody else published for a scheduler of a suite."""

    scheduler: str
    mean_s: float
    std_s: float
    workers: int | None = None


class Suite(msgspec.Struct, frozen=True, omit_defaults=True):
    """Cases that share rounds: they are measured side by side and make one table."""

    name: str
    cases: tuple[Case, ...]
    settings: Settings = Settings()
    cluster: Cluster = Cluster()
    published: tuple[Published, ...] = ()


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that one command measures: suites, one after the other, and the seed of all chance."""

    suites: tuple[Suite, ...]
    seed: int = 0

    @property
    def cases(self) -> list[tuple[int, Suite, Case]]:
        """Every case with the number by which the journal knows it, and its suite."""
        pairs = [(suite, case) for suite in self.suites for case in suite.cases]
        return [(number, suite, case) for number, (suite, case) in enumerate(pairs)]

    def as_json(self) -> Any:
        """Return the plan as plain dicts and lists."""
        return msgspec.to_builtins(self)
