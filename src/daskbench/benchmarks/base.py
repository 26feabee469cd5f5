"""What a benchmark is. A user's own looks the same as ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

Parameters = Mapping[str, Any]

#: The thresholds of a worker's memory that Dask ships, as fractions of its limit
#: (distributed.worker.memory).
SHIPPED = {"target": 0.6, "spill": 0.7, "pause": 0.8, "terminate": 0.95}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a benchmark: its default, what it may be, and a line of help.

    `read` turns a word of the command line into the value; it raises UsageError. Without it the
    value is one of `choices`, or of the kind that the default is. A `way` changes how the answer is
    found but not the answer: cases that differ in ways alone are compared in one table. `derive`
    gives the default where the other parameters are not their own defaults. With `sweep` all of the
    `choices` are taken where none is given.
    """

    default: int | float | str
    help: str
    choices: tuple[str, ...] = ()
    read: Callable[[object], int | float | str] | None = None
    metavar: str = ""
    way: bool = False
    derive: "Callable[[Parameters], int | float | str] | None" = None
    sweep: bool = False

    @property
    def defaults(self) -> tuple[int | float | str, ...]:
        """The values that are taken where none is given."""
        return self.choices if self.sweep else (self.default,)


class Benchmark(Protocol):
    """One workload, the same on every scheduler.

    An instance lives in a lane for the whole run, so `check` may remember earlier answers.
    It is made from its parameters and a `seed`, the same seed in every lane.
    """

    def collection(self) -> Sequence[Any]:
        """Build the Dask collections anew; they are computed together, in this order.

        What this takes counts in the time of a sample, as what `calls` takes does.

        New keys each time: computing the same collection again can meet the results of the
        last time before they are released, and then runs nothing.
        """
        ...

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the NumPy equivalent: calls for a plain loop, whose results are the answer."""
        ...

    def check(self, answer: Sequence[Any]) -> str | None:
        """Return None where the answer is right, else what is wrong with it."""
        ...


class Compute(Protocol):
    """Computes Dask collections on the scheduler that is being measured."""

    def __call__(self, *collections: Any) -> Sequence[Any]:
        """Return their values."""
        ...

    def keep(self, *collections: Any) -> Sequence[Any]:
        """Return them computed, with their chunks held where the work was done."""
        ...


# What a benchmark may have beyond that. Each is one attribute or method, looked for by its name.


@runtime_checkable
class Prepares(Protocol):
    """A benchmark that needs something made before its first sample, such as data held ready.

    In plain NumPy `calls` sees to that itself.
    """

    def prepare(self, compute: Compute) -> None:
        """Make it. It may be made again, after its workers died."""
        ...


@runtime_checkable
class Keeps(Protocol):
    """A benchmark whose collections may be too large to be brought to one place."""

    @property
    def keeps(self) -> bool:
        """Whether `collection` is computed by `Compute.keep`."""
        ...


@runtime_checkable
class Proceeds(Protocol):
    """A benchmark that takes several computes, as the later depend on what the first gave."""

    def proceed(self, results: Sequence[Any], compute: Compute) -> Any:
        """Go on from the results of `collection`, inside the clock, and return the answer."""
        ...


@dataclass(frozen=True)
class Account:
    """What an answer is worth: what is wrong with it, how exact it is, and what it took.

    `figures` stand beside the time, each under its name. `flops` is the textbook's count of
    operations, `moved_bytes` what had to go through memory; `note` tells what the answer's way
    was, where that is not the one asked for.
    """

    wrong: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    flops: float | None = None
    moved_bytes: float | None = None
    note: str | None = None


@runtime_checkable
class Explains(Protocol):
    """A benchmark that can know why an error came, better than the error tells."""

    def explain(self) -> str | None:
        """Return the reason, if it is one that is known."""
        ...


@runtime_checkable
class Accounts(Protocol):
    """A benchmark whose answers are more or less exact; `check` is not asked then."""

    def account(self, answer: Any, compute: Compute) -> Account:
        """Judge the answer, outside the clock; what that needs is computed by `compute`."""
        ...


@dataclass(frozen=True)
class Needs:
    """What a benchmark is expected to hold, in bytes, beside what Python itself takes.

    `peak_bytes` is what all workers of a case hold together at the worst moment, `task_bytes`
    what a single task does; `kept_bytes` is held from sample to sample.
    """

    data_bytes: int
    chunk_bytes: int
    peak_bytes: int
    task_bytes: int
    kept_bytes: int = 0


@runtime_checkable
class HasNeeds(Protocol):
    """A benchmark that can tell what memory it takes before it runs."""

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return its needs in plain NumPy, or as Dask tasks of which `threads` run at once."""
        ...


@dataclass(frozen=True)
class Place:
    """Workers of distributed that a benchmark wants for itself, and none but those.

    Thresholds are fractions of the limit, 0 is off; those not named are left as they are. The
    workers are taken to their limit: so a machine without that much memory is refused, and no other
    lane is open meanwhile.
    """

    workers: int
    threads_per_worker: int
    memory_limit_bytes: int
    thresholds: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class HasPlace(Protocol):
    """A benchmark that means something on workers of its own alone."""

    def place(self, limit_bytes: int | None, thresholds: Mapping[str, float]) -> Place:
        """Return them, for the limit and the thresholds that were asked for, if any were.

        Raises UsageError where it can't be done with these.
        """
        ...


@dataclass(frozen=True)
class Traits:
    """What the class of a benchmark tells of it, whatever its parameters, as ``traits``.

    `experiment` is the kind of question that it is made for. `near_hardware`: it comes near to what
    the machine can do, so that dgemm and memory bandwidth are measured beside it.
    `numpy_takes_all_cores`: its plain NumPy version is one call whose BLAS may use all cores, as
    all of Dask's workers together may. `placed` is found by `HasPlace`, not declared.
    """

    experiment: str = "compare"
    near_hardware: bool = False
    numpy_takes_all_cores: bool = False
    placed: bool = False


@runtime_checkable
class HasTraits(Protocol):
    """The class of a benchmark that has more to tell than its parameters."""

    traits: Traits


@dataclass(frozen=True)
class Lock:
    """A lock that the tasks of a benchmark share where `parameter` has the value `held_with`.

    With the value `free_with` they do the same without it. `holder` is what holds it.
    """

    parameter: str
    held_with: str
    free_with: str
    holder: str


@dataclass(frozen=True)
class Known:
    """What is known of a benchmark's work, for findings on runs of any age.

    `same_calls`: plain NumPy calls the functions that the tasks call, as often. `fewer_tasks`
    returns the options that make the same work of a tenth of the tasks; empty where there are none.
    """

    lock: Lock | None = None
    same_calls: bool = False
    fewer_tasks: Callable[[Parameters], str] = lambda parameters: ""


class BenchmarkType(Protocol):
    """The class of a benchmark: what it takes, and how one is made."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, in the order in which they are shown."""
        ...

    def __call__(self, *, seed: int, **parameters: Any) -> Benchmark:
        """Make one. Raises UsageError where the parameters don't go together."""
        ...
