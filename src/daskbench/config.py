"""Options and benchmarks.toml to a plan. Both speak the same names and are read the same way."""

import itertools
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daskbench.benchmarks import BENCHMARKS, find_benchmark
from daskbench.benchmarks.base import Parameter
from daskbench.errors import DaskbenchError, UsageError, nearest
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Published, Settings, Suite
from daskbench.units import parse_count, parse_seconds

FILE = "benchmarks.toml"
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """One option: how its value is read, what it may look like, and what it is for."""

    read: Callable[[object], Any]
    metavar: str
    help: str


def _list(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """Read ``1,2,4`` or ``[1, 2, 4]``, dropping what is said twice."""

    def read_list(value: object) -> tuple[Any, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        items = parts if isinstance(parts, Iterable) else (parts,)
        return tuple(dict.fromkeys(read(part) for part in items))

    return read_list


def _one_of(choices: Iterable[str]) -> Callable[[object], str]:
    known = tuple(choices)

    def read(value: object) -> str:
        word = str(value).strip()
        if word not in known:
            raise UsageError(f"no '{word}': {nearest(word, known)}")
        return word

    return read


def _count(value: object) -> int:
    return parse_count(str(value))


def _count_or_zero(value: object) -> int:
    return 0 if str(value).strip() == "0" else parse_count(str(value))


def _seconds(value: object) -> float:
    return parse_seconds(str(value))


def _blas_threads(value: object) -> int | None:
    return None if value == "native" else _count(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{value!r} is not a text")
    return value


def _existing_file(value: object) -> str:
    path = Path(_text(value))
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    return str(path.resolve())


def _address(value: object) -> str:
    address = _text(value)
    scheme, separator, rest = address.partition("://")
    if not (separator and scheme and ":" in rest):
        raise UsageError(f"'{address}' is not an address; write tcp://host:port or tls://host:port")
    return address


WHERE = {
    "schedulers": Key(
        _list(_one_of(SCHEDULERS)), "NAME,...", f"Where to run: {', '.join(SCHEDULERS)}. [all]"
    ),
    "workers": Key(
        _list(_count),
        "N,...",
        "Workers of threads, processes and distributed. [1 and the number of usable cores]",
    ),
    "threads-per-worker": Key(_list(_count), "N,...", "Threads of a distributed worker. [1]"),
    "address": Key(
        _address, "URL", "Measure distributed on the cluster whose scheduler is at tcp://host:port."
    ),
    "scheduler-file": Key(
        _existing_file, "FILE", "Find that cluster by the file that 'dask scheduler' wrote."
    ),
    "tls-ca": Key(_existing_file, "FILE", "CA certificate of that cluster (PEM)."),
    "tls-cert": Key(_existing_file, "FILE", "Client certificate for that cluster (PEM)."),
    "tls-key": Key(_existing_file, "FILE", "Key of the client certificate (PEM)."),
}
HOW = {
    "rounds": Key(_count, "N", "Rounds: samples of each case, taken in turns. [7]"),
    "warmup": Key(
        _count_or_zero,
        "N",
        "Samples of each case first that count in no figure. [1; 0: none at all]",
    ),
    "budget": Key(
        _seconds,
        "TIME",
        "Stop after the round that crosses this time, but not before round 3. [none]",
    ),
    "timeout": Key(_seconds, "TIME", "End a case when one of its samples takes longer. [10m]"),
    "min-time": Key(_seconds, "TIME", "Repeat shorter work in a loop, up to this time. [10ms]"),
    "blas-threads": Key(
        _blas_threads, "N|native", "BLAS threads of each worker; native: as each ships. [1]"
    ),
}
KEYS = WHERE | HOW
_SUITE_ONLY = ("benchmark", "description", "published", "suites")


def parameter_key(parameter: Parameter) -> Key:
    """Return how a benchmark's parameter is read: a list sweeps it."""
    if parameter.choices:
        return Key(_list(_one_of(parameter.choices)), "|".join(parameter.choices), parameter.help)
    return Key(_list(_count), "N,...", parameter.help)


def make_suite(name: str, benchmark: str, values: Values, cores: Callable[[], int]) -> Suite:
    """Return the suite that these values, as read by their keys, ask for.

    Raises UsageError where they contradict each other.
    """
    cluster = _cluster(values)
    return Suite(
        name=name,
        cases=tuple(_cases(benchmark, values, cluster, cores)),
        settings=_settings(values),
        cluster=cluster,
        published=values.get("published", ()),
    )


def _settings(values: Values) -> Settings:
    fields = {"budget": "budget_s", "timeout": "timeout_s", "min-time": "min_time_s"}
    named = {fields.get(key, key.replace("-", "_")): values[key] for key in HOW if key in values}
    return Settings(**named)


def _cluster(values: Values) -> Cluster:
    keys = ("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key")
    cluster = Cluster(**{key.replace("-", "_"): values[key] for key in keys if key in values})
    if cluster.address and cluster.scheduler_file:
        raise UsageError("--address and --scheduler-file both name a cluster; give one of them")
    if not cluster.name and (cluster.tls_ca or cluster.tls_cert or cluster.tls_key):
        raise UsageError("--tls-ca, --tls-cert and --tls-key need --address or --scheduler-file")
    return cluster


def _cases(
    benchmark: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> Iterable[Case]:
    declared = find_benchmark(benchmark).parameters
    sweeps = [values.get(name, (parameter.default,)) for name, parameter in declared.items()]
    schedulers = values.get("schedulers", tuple(SCHEDULERS))
    if cluster.name and not any(SCHEDULERS[name].takes_cluster for name in schedulers):
        raise UsageError(f"{cluster.name} is only used by distributed; add it to --schedulers")
    for chosen in itertools.product(*sweeps):
        parameters = dict(zip(declared, chosen, strict=True))
        for name in schedulers:
            for workers, threads in _sizes(name, values, cluster, cores):
                yield Case(benchmark, name, parameters, workers, threads)


def _sizes(
    name: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> Iterable[tuple[int | None, int | None]]:
    """Return the workers and threads per worker with which a scheduler is measured."""
    kind = SCHEDULERS[name]
    if not kind.counts_workers:
        return [(None, None)]
    if cluster.name and kind.takes_cluster:
        return [(workers, None) for workers in values.get("workers", (None,))]
    workers = values.get("workers") or tuple(dict.fromkeys((1, cores())))
    threads = values.get("threads-per-worker", (1,)) if kind.takes_threads else (None,)
    return itertools.product(workers, threads)


class SuiteFile:
    """A benchmarks.toml: ``[defaults]`` and ``[suites.NAME]``, checked when it is read."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: not TOML: {error}") from error
        for section in content:
            if section not in ("defaults", "suites"):
                known = ("defaults", "suites")
                raise UsageError(f"{path}: no section [{section}]: {nearest(section, known)}")
        self.suites: dict[str, dict[str, Any]] = {
            name: self._table(f"suites.{name}", table)
            for name, table in content.get("suites", {}).items()
        }
        self.defaults = self._read("defaults", content.get("defaults", {}), _all_parameters())
        self._values = {name: self._suite(name) for name in self.suites}

    @classmethod
    def load(cls, path: Path) -> "SuiteFile":
        """Read the file at `path`; raises UsageError naming file and key."""
        try:
            return cls(path, path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {path}: {error}") from error

    def _table(self, section: str, table: object) -> dict[str, Any]:
        if not isinstance(table, dict):
            raise UsageError(f"{self.path}: [{section}] is not a table")
        return table

    def _read(
        self, section: str, table: Mapping[str, object], parameters: Mapping[str, Parameter]
    ) -> dict[str, Any]:
        keys = KEYS | {name: parameter_key(found) for name, found in parameters.items()}
        values = {}
        for name, value in table.items():
            if name not in keys:
                hint = nearest(name.replace("_", "-"), [*keys, *_SUITE_ONLY])
                raise UsageError(f"{self.path}: [{section}] has an unknown key '{name}': {hint}")
            try:
                values[name] = keys[name].read(value)
            except DaskbenchError as error:
                raise UsageError(f"{self.path}: [{section}] {name}: {error}") from error
        return values

    def _suite(self, name: str) -> dict[str, Any]:
        table, section = self.suites[name], f"suites.{name}"
        if "suites" in table:
            for member in table["suites"]:
                self._known(member, f"{self.path}: [{section}] suites")
            return {}
        if "benchmark" not in table:
            raise UsageError(
                f"{self.path}: [{section}] lacks the key 'benchmark': "
                f"choose from {', '.join(BENCHMARKS)}"
            )
        try:
            parameters = find_benchmark(table["benchmark"]).parameters
        except UsageError as error:
            raise UsageError(f"{self.path}: [{section}] benchmark: {error}") from error
        own = {key: value for key, value in table.items() if key not in _SUITE_ONLY}
        values = self.defaults | self._read(section, own, parameters)
        published = self._published(section, table.get("published", []))
        if published and any(len(values.get(parameter, ())) > 1 for parameter in parameters):
            raise UsageError(
                f"{self.path}: [{section}] published: the figures are of one set of parameters, "
                "so no parameter can be a list"
            )
        return values | {"published": published}

    def _published(self, section: str, rows: list[dict[str, Any]]) -> tuple[Published, ...]:
        try:
            return tuple(
                Published(
                    scheduler=_one_of(SCHEDULERS)(row["scheduler"]),
                    workers=row.get("workers"),
                    mean_s=parse_seconds(row["mean"]),
                    std_s=parse_seconds(row["std"]),
                )
                for row in rows
            )
        except KeyError as error:
            raise UsageError(f"{self.path}: [{section}] published: a row lacks {error}") from error
        except UsageError as error:
            raise UsageError(f"{self.path}: [{section}] published: {error}") from error

    def _known(self, name: str, where: str) -> None:
        if name not in self.suites:
            raise UsageError(f"{where}: no suite '{name}': {nearest(name, self.suites)}")

    def expand(self, names: Iterable[str]) -> list[str]:
        """Return the suites that these names stand for: groups by their members; none means all."""
        chosen: dict[str, None] = {}
        for name in list(names) or [
            name for name in self.suites if "suites" not in self.suites[name]
        ]:
            self._known(name, str(self.path))
            members = self.suites[name].get("suites")
            chosen.update(dict.fromkeys(self.expand(members) if members else [name]))
        return list(chosen)

    def published(self, benchmark: str, parameters: Values) -> tuple[Published, ...]:
        """Return what a suite of this file published for a benchmark with these parameters."""
        for name, table in self.suites.items():
            values = self._values[name]
            if table.get("benchmark") == benchmark and values["published"]:
                suite = make_suite(name, benchmark, values, cores=lambda: 1)
                if suite.cases[0].parameters == parameters:
                    return suite.published
        return ()

    def make(self, name: str, overrides: Values, cores: Callable[[], int]) -> Suite:
        """Return one suite, with the values given on the command line over those of the file."""
        values = self._values[name] | dict(overrides)
        return make_suite(name, self.suites[name]["benchmark"], values, cores)


def _all_parameters() -> dict[str, Parameter]:
    return {
        name: parameter
        for benchmark in BENCHMARKS
        for name, parameter in find_benchmark(benchmark).parameters.items()
    }
