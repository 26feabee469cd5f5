"""The plan of a run, its suites, and their cases."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from daskbench.keywords import variable_of, words_of
from daskbench.ranges import (
    Amount,
    Count,
    Few,
    FewOrNone,
    Fraction,
    Limit,
    PositiveSeconds,
    Seconds,
    Whole,
)
from daskbench.units import counted, format_size

Scalar = Whole | float | str

#: Between file and name of a function of a session, which is sent to the lanes in a file.
SESSION = ".pickle:"
#: With so many rounds, or launches where there are several, there is always an interval.
FEWEST = 5


class Thresholds(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The memory thresholds of a worker, as fractions of its limit.

    None is Dask's default, 0 is off. Source: ``distributed.worker.memory`` in Dask's configuration.
    """

    target: Fraction | None = None
    spill: Fraction | None = None
    pause: Fraction | None = None
    terminate: Fraction | None = None
    recent_to_old_s: Seconds | None = None

    @property
    def given(self) -> dict[str, float]:
        """The thresholds that are set, by name."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in values if value is not None}

    def __str__(self) -> str:
        return ", ".join(
            f"{name.removesuffix('_s').replace('_', ' ')} {value:g} s"
            if name.endswith("_s")
            else f"{name} {f'{value:g}' if value else 'off'}"
            for name, value in self.given.items()
        )


class Side(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One of two environments compared in the same rounds, by what distinguishes it.

    `python` is the path of its interpreter, None daskbench's own. `env` are environment variables
    of its lanes, `config` values of Dask's configuration, `cluster` options of the cluster that
    they start. `slowdown` is injected for calibration: 0.05 makes every sample 5 % longer.
    `versions` are those found when the run was planned.
    """

    name: str = ""
    python: str | None = None
    env: Mapping[str, str] = {}
    config: Mapping[str, str] = {}
    slowdown: Fraction = 0.0
    versions: Mapping[str, str] = {}
    cluster: Mapping[str, Any] = {}

    @property
    def alike(self) -> "Side":
        """The side without its name, so that sides with equal settings compare equal."""
        return msgspec.structs.replace(self, name="")

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the side's lanes, which Dask's workers inherit.

        Source: https://docs.dask.org/en/stable/configuration.html#environment-variables
        """
        return {**{variable_of(key): value for key, value in self.config.items()}, **self.env}

    def __str__(self) -> str:
        given = [*words_of({**self.env, **self.config, **self.cluster})]
        slower = [f"{100 * self.slowdown:g}% slower"] if self.slowdown else []
        return ", ".join([*([self.python] if self.python else []), *given, *slower])


class Work(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Options of a user's own function (`daskbench.benchmarks.work.base.WorkOptions`)."""

    tolerance: Fraction = 1e-9
    plain: str = ""
    as_is: bool = False
    keep: bool | None = None


class Case(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One row of a table: a benchmark with its parameters on one scheduler.

    `workers` is None for schedulers without workers (numpy, synchronous) and for an existing
    cluster, all of whose workers are used. `memory_limit_bytes` and `thresholds` are per worker,
    None is Dask's default; `blas_threads` overrides the suite's. `skip` is the reason not to
    measure the case. `side` has a name if two are compared. A `reference` is measured beside the
    others but not compared: it shows the peak of the machine.
    """

    benchmark: str
    scheduler: str
    parameters: Mapping[str, Scalar]
    workers: Few | None = None
    threads_per_worker: Few | None = None
    memory_limit_bytes: Limit | None = None
    blas_threads: Few | None = None
    skip: str | None = None
    thresholds: Thresholds = Thresholds()
    side: Side = Side()
    reference: bool = False
    work: Work = Work()

    @property
    def place(self) -> str:
        """Where it runs: ``threads × 2``, or ``A: distributed × 2×4`` with 4 threads per worker."""
        side = f"{self.side.name}: " if self.side.name else ""
        each = f"×{self.threads_per_worker}" if (self.threads_per_worker or 1) > 1 else ""
        place = side + self.scheduler + (f" × {self.workers}{each}" if self.workers else "")
        if self.memory_limit_bytes:
            place += f" of {format_size(self.memory_limit_bytes)}"
        if self.thresholds.given:
            place += f", {self.thresholds}"
        if self.blas_threads:
            place += f", {counted(self.blas_threads, 'BLAS thread')}"
        return place

    @property
    def what(self) -> str:
        """What it computes: ``calc_mean n=100000 tasks=100 rng=legacy``."""
        return self.described()

    def described(self, without: Collection[str] = ()) -> str:
        """Return what it computes, `without` some of its parameters."""
        name = self.benchmark.rpartition("/")[2].rpartition(SESSION)[2]  # without a file's path
        parameters = [
            f"{key}={f'{value:g}' if isinstance(value, float) else value}"
            for key, value in self.parameters.items()
            if key not in without and value != ""
        ]
        return " ".join([name, *parameters])

    def __str__(self) -> str:
        return f"{self.what} on {self.place}"


class Cluster(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An existing Dask cluster, which is used and never shut down; or how lanes start one.

    `kind` is a name of `daskbench.lane.deploy`, or a user's class or function, and gets `options`;
    `section` says where a file defines both.
    """

    address: str | None = None
    scheduler_file: str | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    kind: str = ""
    options: Mapping[str, Any] = {}
    section: str = ""

    @property
    def name(self) -> str:
        """The address, scheduler file or kind; empty for a local one."""
        return self.address or self.scheduler_file or (self.kind != "local" and self.kind) or ""

    @property
    def described(self) -> str:
        """The name with the options, without the path of a user's file."""
        words = [self.kind.rpartition("/")[2] or self.name, *words_of(self.options)]
        return " ".join(words)[:200]


class Settings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a suite is measured. Durations are in seconds.

    Each of the `launches` of a case's lane gives a sample in each of `rounds` rounds; `precision`
    goes on until no interval is wider than this part of its value, and `decide` until every row has
    a verdict by its `margin`, or passes its `gate` or fails it. `blas_threads` None leaves BLAS as
    shipped; `hardware` measures what the machine can do beside benchmarks that come near it. With
    `memory`, workers are read at heartbeats; `why` adds explained samples; `hold` keeps a cluster.
    """

    rounds: Few = 10
    warmup: FewOrNone = 1
    budget_s: PositiveSeconds | None = None
    timeout_s: PositiveSeconds = 600.0
    min_time_s: PositiveSeconds = 0.01
    blas_threads: Few | None = 1
    hardware: bool = True
    memory: bool = False
    memory_interval_s: PositiveSeconds | None = None
    why: bool = False
    hold: bool = False
    launches: Few = 1
    precision: Fraction | None = None
    wait_for_workers_s: PositiveSeconds | None = None
    queue_timeout_s: PositiveSeconds | None = None
    decide: bool = False
    margin: Fraction = 0.02
    gate: Amount | None = None

    @property
    def samples(self) -> int:
        """The number of samples of each case; with `precision` or `decide` the minimum."""
        return self.rounds * self.launches


#: How rows of one table are compared unless told otherwise, and two sides.
DECIDE = Settings(rounds=4, budget_s=60.0, decide=True)
DECIDE_SIDES = Settings(rounds=15, launches=FEWEST, budget_s=120.0, decide=True)
#: The same where each round is a launch, as lanes are opened in turns.
DECIDE_IN_TURNS = Settings(rounds=FEWEST, budget_s=120.0, decide=True)
#: What a comparison of two sides is where only one of rounds and launches is given.
VERDICT = Settings(rounds=15, launches=10)


class Published(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A published time for a scheduler of a suite, to compare with."""

    scheduler: str
    mean_s: PositiveSeconds
    std_s: Seconds
    workers: Few | None = None


class Experiment(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The kind of experiment, named as its folder in `daskbench.experiments`, and its options.

    Only the experiment itself knows its options, which it converts to a type of its own.
    """

    kind: str = "compare"
    options: Mapping[str, Scalar] = {}


class Suite(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Cases that are measured side by side, in the same rounds.

    Those that differ only in `variants` (parameters of how an answer is computed) form one table.
    With `in_turns`, the reason, one lane is open at a time; with `shares_lanes`, one for a place.
    Without `race` times are not compared; with `trial`, whether cases fail is the question.
    """

    name: str
    cases: tuple[Case, ...]
    settings: Settings = Settings()
    cluster: Cluster = Cluster()
    published: tuple[Published, ...] = ()
    variants: tuple[str, ...] = msgspec.field(default=(), name="ways")
    in_turns: str | None = None
    experiment: Experiment = Experiment()
    race: bool = True
    trial: bool = False
    shares_lanes: bool = False
    description: str = ""

    @property
    def sides(self) -> list[Side]:
        """The distinct sides that are compared; none if only cases are."""
        sides: list[Side] = []
        for side in (case.side for case in self.cases if case.side.name):
            sides += [side] if side not in sides else []
        return sides


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All that one command measures: suites, one after another, and the random seed."""

    suites: tuple[Suite, ...]
    seed: Count = 0

    @property
    def cases(self) -> list[tuple[int, Suite, Case]]:
        """Every case with its number in the journal, and its suite."""
        pairs = [(suite, case) for suite in self.suites for case in suite.cases]
        return [(number, suite, case) for number, (suite, case) in enumerate(pairs)]

    @property
    def sides(self) -> list[Side]:
        """The sides of all suites."""
        return [side for suite in self.suites for side in suite.sides]

    def as_json(self) -> Any:
        """Return the plan as plain dicts and lists."""
        return msgspec.to_builtins(self)
