"""The interface of a benchmark, the same for built-in and users' benchmarks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from daskbench.benchmarks.workers import Transfer

Parameters = Mapping[str, Any]

#: Dask's default memory thresholds, as fractions of a worker's limit (distributed.worker.memory).
SHIPPED = {"target": 0.6, "spill": 0.7, "pause": 0.8, "terminate": 0.95}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a benchmark: its default, its valid values, and a line of help.

    `read` parses a command-line word, or raises UsageError. Without it the value is one of
    `choices`, or has the type of the default. A `variant` changes how the answer is computed,
    not the answer: cases that differ only in these are compared in one table. `derive` returns
    the default if other parameters are not at their defaults. With `sweep`, all `choices` are the
    default. An `optional` one keeps its default, and is no option, where its name is reserved.
    """

    default: int | float | str
    help: str
    choices: tuple[str, ...] = ()
    read: Callable[[object], int | float | str] | None = None
    metavar: str = ""
    variant: bool = False
    derive: "Callable[[Parameters], int | float | str] | None" = None
    sweep: bool = False
    optional: bool = False

    @property
    def defaults(self) -> tuple[int | float | str, ...]:
        """The values used if none is given."""
        return self.choices if self.sweep else (self.default,)


class Benchmark(Protocol):
    """One workload, the same on every scheduler.

    An instance lives in a lane for the whole run, so `check` may remember earlier answers.
    It is created from its parameters and a `seed`, which is the same in every lane.
    """

    def collection(self) -> Sequence[Any]:
        """Return new Dask collections, which are computed together, in this order.

        Its time is part of a sample, as is that of `calls`. Use new keys each time: computing the
        same keys again may find the previous results before they are released, and run nothing.
        """
        ...

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the NumPy equivalent: functions for a plain loop, whose results are the answer."""
        ...

    def check(self, answer: Sequence[Any]) -> str | None:
        """Return None if the answer is right, otherwise what is wrong with it."""
        ...


class Compute(Protocol):
    """Computes Dask collections on the scheduler that is being measured."""

    def __call__(self, *collections: Any) -> Sequence[Any]:
        """Return the collections' values."""
        ...

    def keep(self, *collections: Any) -> Sequence[Any]:
        """Return the collections persisted: computed, with their chunks in the workers' memory."""
        ...


# Optional parts of a benchmark: each is one attribute or method, found by name.


@runtime_checkable
class Prepares(Protocol):
    """A benchmark that prepares something before its first sample, such as persisted data.

    In plain NumPy `calls` does that itself.
    """

    def prepare(self, compute: Compute) -> None:
        """Prepare the data; called again if workers died."""
        ...


@runtime_checkable
class Finishes(Protocol):
    """A benchmark that cleans up after its last sample."""

    def finish(self) -> None:
        """Clean up; called once in each lane, while its scheduler still runs."""
        ...


@runtime_checkable
class Keeps(Protocol):
    """A benchmark whose results may be too large to gather."""

    @property
    def keeps(self) -> bool:
        """Whether `Compute.keep` computes `collection`."""
        ...


@runtime_checkable
class Proceeds(Protocol):
    """A benchmark with several computes, where later ones depend on the first results."""

    def proceed(self, results: Sequence[Any], compute: Compute) -> Any:
        """Continue from the results of `collection` and return the answer; this is timed."""
        ...


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of an answer: what is wrong with it, its accuracy, and its cost.

    `figures` are shown beside the time, by name. `flops` is the textbook operation count,
    `moved_bytes` the memory traffic; `note` names the method used, if not the requested one.
    `transfers` are messages between workers, if these are what it measures.
    """

    wrong: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    flops: float | None = None
    moved_bytes: float | None = None
    note: str | None = None
    transfers: Sequence[Transfer] = ()


@runtime_checkable
class Explains(Protocol):
    """A benchmark that may know the cause of an error better than the error says."""

    def explain(self) -> str | None:
        """Return the cause, if known."""
        ...


@runtime_checkable
class Evaluates(Protocol):
    """A benchmark whose answers have an accuracy; used instead of `check`."""

    def account(self, answer: Any, compute: Compute) -> Evaluation:
        """Evaluate the answer, untimed, with `compute` for further collections."""
        ...


@dataclass(frozen=True)
class Needs:
    """The expected memory of a benchmark, in bytes, in addition to Python itself.

    `peak_bytes` is the peak of all workers of a case together, `task_bytes` that of a single task;
    `kept_bytes` is kept from sample to sample.
    """

    data_bytes: int
    chunk_bytes: int
    peak_bytes: int
    task_bytes: int
    kept_bytes: int = 0


@runtime_checkable
class HasNeeds(Protocol):
    """A benchmark that can estimate its memory before it runs."""

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the needs in plain NumPy, or as Dask tasks of which `threads` run at once."""
        ...


@dataclass(frozen=True)
class Place:
    """The distributed workers that a benchmark requires, started for it alone.

    Thresholds are fractions of the limit, 0 is off; those not listed are unchanged. The workers
    are driven to their limit, so the machine must have that much memory, and no other lane is open.
    """

    workers: int
    threads_per_worker: int
    memory_limit_bytes: int
    thresholds: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class HasPlace(Protocol):
    """A benchmark that runs only on its own workers."""

    def place(self, limit_bytes: int | None, thresholds: Mapping[str, float]) -> Place:
        """Return the workers for the requested limit and thresholds, if any.

        Raises UsageError if they do not suit it.
        """
        ...


@dataclass(frozen=True)
class Traits:
    """Properties of a benchmark's class that do not depend on its parameters: its ``traits``.

    `experiment` is the experiment it is meant for. `near_hardware`: it comes close to the peak of
    the machine, so dgemm and memory bandwidth are measured beside it. `numpy_takes_all_cores`: its
    plain NumPy version is one call whose BLAS may use all cores, as Dask's workers together may.
    With `takes_options` it is a user's function or script, with the options of
    `daskbench.benchmarks.work.base.WorkOptions`; `starts` says where that starts a cluster itself.
    `scaling`: its rows are all usual schedulers with one worker and with one per core; other
    benchmarks have fewer (`daskbench.config.rows`).
    `figures` are patterns of the names of those that its answers have, so that columns can be
    checked before it is measured; those of a user's class need not be declared.
    `placed` and `plain` are not declared: they follow from the methods `place` and `calls`.
    """

    experiment: str = "compare"
    near_hardware: bool = False
    numpy_takes_all_cores: bool = False
    placed: bool = False
    plain: bool = True
    takes_options: bool = False
    starts: str | None = None
    scaling: bool = False
    figures: tuple[str, ...] = ()


@runtime_checkable
class HasTraits(Protocol):
    """The class of a benchmark that declares traits."""

    traits: Traits


@dataclass(frozen=True)
class Lock:
    """A lock that the tasks of a benchmark share where `parameter` has the value `held_with`.

    With the value `free_with` they do the same work without it. `holder` names what holds it.
    """

    parameter: str
    held_with: str
    free_with: str
    holder: str


@dataclass(frozen=True)
class Graph:
    """A graph of equal tasks: how many, their dependencies, and the tasks on the longest path.

    The last task gathers results, on which it depends beside those dependencies. `handed_bytes` are
    those of all results, once for each task that depends on them; `work_s` is the CPU time of all
    tasks together. Tasks without either do nothing.
    """

    tasks: int
    dependencies: int
    steps: int
    handed_bytes: int = 0
    work_s: float = 0.0


@dataclass(frozen=True)
class Known:
    """What is known about a benchmark's work, for findings on runs of any age.

    `same_calls`: plain NumPy calls the same functions as the tasks, as often. `larger_tasks`
    returns the options that do the same work in tasks so many times as large; empty if there are
    none. `graph` returns what its graph consists of, if all but Dask's overhead is known.
    """

    lock: Lock | None = None
    same_calls: bool = False
    larger_tasks: Callable[[Parameters, float], str] = lambda parameters, factor: ""
    graph: Callable[[Parameters], Graph] | None = None


class BenchmarkType(Protocol):
    """The class of a benchmark: its parameters and its constructor."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, in the order in which they are shown."""
        ...

    def __call__(self, *, seed: int, **parameters: Any) -> Benchmark:
        """Create an instance. Raises UsageError if the parameters contradict each other."""
        ...
