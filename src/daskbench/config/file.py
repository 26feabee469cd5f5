"""benchmarks.toml: ``[defaults]``, ``[suites.NAME]`` named as options, and clusters."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import msgspec

from daskbench.asking import subject
from daskbench.benchmarks import BENCHMARKS
from daskbench.benchmarks.base import Parameter
from daskbench.benchmarks.targets import target_of
from daskbench.config.clusters import Definition, defined, definitions, overridden
from daskbench.config.keys import KEYS, Key, option_name, parameter_key
from daskbench.config.kinds import Here, Kind
from daskbench.config.names import usable_parameters
from daskbench.config.reading import as_table, read_sections, read_text
from daskbench.config.suites import Values
from daskbench.config.targets import whole_target
from daskbench.config.values import one_of
from daskbench.errors import DaskbenchError, UsageError, nearest
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Published, Suite
from daskbench.units import parse_count, parse_seconds

FILE = "benchmarks.toml"
#: A run is named after its suite, and its file after the run.
_LONGEST_NAME = 100
_SUITE_KEYS = ("benchmark", "description", "experiment", "published", "suites")
#: Published figures are matched by parameters alone, which do not depend on the machine.
_NOWHERE = Here(cores=lambda: 1, memory_bytes=lambda: 1 << 40)
_PUBLISHED_KEYS = ("scheduler", "workers", "mean", "std")


class SuiteFile:
    """The suites of a file, checked when it is read: errors name file, section and key.

    Suites of users' benchmarks are checked when they are used: only then are their files imported.
    """

    def __init__(self, path: Path, text: str, kinds: Callable[[str], Kind]) -> None:
        self.path, self._kinds = path, kinds
        content = read_sections(path, text)
        self.clusters = definitions(path, self._table("clusters", content.get("clusters", {})))
        self._defaults = self._table("defaults", content.get("defaults", {}))
        self.suites = {
            name: self._table(f"suites.{name}", table)
            for name, table in self._table("suites", content.get("suites", {})).items()
        }
        for name in self.suites:
            if not re.fullmatch(r"[\w.-]+", name) or len(name.encode()) > _LONGEST_NAME:
                raise UsageError(
                    f"{path}: [suites] '{name}': use only letters, digits, '.', '_' and '-', "
                    f"and at most {_LONGEST_NAME} of them"
                )
        self.defaults = self._read("defaults", self._defaults, _all_parameters(), KEYS)
        self._members = {
            name: self._group(name) for name, table in self.suites.items() if "suites" in table
        }
        self._names = [name for name in self.suites if name not in self._members]
        self._values: dict[str, dict[str, Any]] = {}
        for name in self._names:
            if not target_of(self._benchmark(name)):
                self._read_values(name)
        self._check_circles()

    @classmethod
    def load(cls, path: Path, kinds: Callable[[str], Kind]) -> "SuiteFile":
        """Read the file at `path`; raises UsageError naming file and key."""
        return cls(path, read_text(path), kinds)

    def expand(self, names: Iterable[str]) -> list[str]:
        """Return the suites of these names, groups replaced by their members; none means all."""
        if not self._names:
            raise UsageError(f"{self.path} has no suites; add one as [suites.NAME]")
        chosen: dict[str, None] = {}
        for name in list(names) or self._names:
            self._check_name(name, str(self.path))
            chosen.update(dict.fromkeys(self._plain(name)))
        return list(chosen)

    def _plain(self, name: str) -> Iterator[str]:
        """Yield the suites that a name expands to, each once."""
        left, seen = [name], set()
        while left:
            one = left.pop()
            if one in seen:
                continue
            seen.add(one)
            if one in self._members:
                left += reversed(self._members[one])
            else:
                yield one

    def _check_circles(self) -> None:
        """Raise UsageError if a suite of suites contains itself, directly or indirectly."""
        try:
            TopologicalSorter(self._members).prepare()
        except CycleError as error:
            circle = " -> ".join(error.args[1][::-1])
            name = error.args[1][-1]
            raise UsageError(
                f"{self.path}: [suites.{name}] suites: '{name}' contains itself: {circle}"
            ) from error

    def make(self, name: str, overrides: Values, here: Here) -> Suite:
        """Return one suite; values given on the command line override those of the file."""
        kind = self._kind(name)
        for key in overrides:
            if key not in kind.keys:
                raise UsageError(f"--{key} is not an option of [suites.{name}] in {self.path}")
        values = overridden(self._read_values(name), overrides, self.clusters)
        suite = kind.make(name, self._benchmark(name), values, here)
        description = str(self.suites[name].get("description", ""))
        return msgspec.structs.replace(suite, description=description)

    def published(self, benchmark: str, parameters: Values) -> tuple[Published, ...]:
        """Return the published figures of this file for a benchmark with these parameters."""
        for name in self._names:
            if self._benchmark(name) != benchmark:
                continue
            values = self._read_values(name)
            if values["published"]:
                suite = self._kind(name).make(name, benchmark, values, _NOWHERE)
                if suite.cases[0].parameters == parameters:
                    return suite.published
        return ()

    def _table(self, section: str, table: object) -> dict[str, Any]:
        return as_table(self.path, section, table)

    def _group(self, name: str) -> list[str]:
        """Return the members of a suite of suites."""
        table, where = self.suites[name], f"{self.path}: [suites.{name}]"
        for key in table:
            if key not in ("suites", "description"):
                hint = "a suite of suites has only these and a description"
                raise UsageError(f"{where} has an unknown key '{key}': {hint}")
        members = table["suites"]
        if not (isinstance(members, list) and members):
            raise UsageError(f"{where} suites: expected a list of names")
        for member in members:
            self._check_name(member, f"{where} suites")
        return members

    def _check_name(self, name: object, where: str) -> None:
        if not isinstance(name, str) or name not in self.suites:
            raise UsageError(f"{where}: no suite '{name}': {nearest(str(name), self.suites)}")

    def _read_values(self, name: str) -> dict[str, Any]:
        """Return the values of a suite, parsed on first use."""
        if name not in self._values:
            self._values[name] = self._suite(name)
        return self._values[name]

    def _suite(self, name: str) -> dict[str, Any]:
        table, section = self.suites[name], f"suites.{name}"
        parameters = self._parameters(name)
        own = {key: value for key, value in table.items() if key not in _SUITE_KEYS}
        keys = self._kind(name).keys
        values = {key: value for key, value in self.defaults.items() if _is_for(key, keys)}
        # A parameter of this name may have another type in a benchmark of the user's.
        same = {key: self._defaults[key] for key in map(option_name, parameters) if key in values}
        values |= self._read(f"defaults] for [{section}", same, parameters, keys)
        values |= self._read(section, own, parameters, keys)
        if ":" in values.get("plain", ""):
            values["plain"] = whole_target(values["plain"], self.path.parent)
        if "cluster" in values:
            values["cluster"] = self._defined(section, values["cluster"])
        published = self._published(section, table.get("published", []))
        if published and any(len(values.get(option_name(name), ())) > 1 for name in parameters):
            raise UsageError(
                f"{self.path}: [{section}] published: published figures belong to one set of "
                "parameters, so no parameter can be a list"
            )
        return values | {"published": published}

    def _defined(self, section: str, name: str) -> Definition:
        try:
            return defined(name, self.clusters, self.path.parent)
        except UsageError as error:
            raise UsageError(f"{self.path}: [{section}] {error}") from error

    def _parameters(self, name: str) -> Mapping[str, Parameter]:
        """Return the parameters that the suite's benchmark takes."""
        benchmark = self._benchmark(name)
        try:
            return usable_parameters(benchmark)
        except UsageError as error:
            raise UsageError(f"{self.path}: [suites.{name}] benchmark: {error}") from error

    def _kind(self, name: str) -> Kind:
        """Return the experiment of a suite: the one it names, or that of its benchmark."""
        named = self.suites[name].get("experiment")
        if named is None:
            return self._kinds(subject(self._benchmark(name)).traits.experiment)
        try:
            return self._kinds(str(named))
        except DaskbenchError as error:
            raise UsageError(f"{self.path}: [suites.{name}] experiment: {error}") from error

    def _benchmark(self, name: str) -> str:
        """Return a suite's benchmark; a path to a user's file is relative to this file."""
        where = f"{self.path}: [suites.{name}]"
        if "benchmark" not in self.suites[name]:
            if "experiment" in self.suites[name] and (own := self._kind(name).benchmark):
                return own
            raise UsageError(
                f"{where} lacks the key 'benchmark': a name from 'daskbench bench list', or "
                "FILE.py:NAME"
            )
        benchmark = str(self.suites[name]["benchmark"])
        try:
            return whole_target(benchmark, self.path.parent)
        except UsageError as error:
            raise UsageError(f"{where} benchmark: {error}") from error

    def _read(
        self,
        section: str,
        table: Mapping[str, object],
        parameters: Mapping[str, Parameter],
        keys: Mapping[str, Key],
    ) -> dict[str, Any]:
        keys = {**keys, **{option_name(n): parameter_key(p) for n, p in parameters.items()}}
        values = {}
        for name, value in table.items():
            if name not in keys:
                hint = nearest(name.replace("_", "-"), [*keys, *_SUITE_KEYS])
                raise UsageError(f"{self.path}: [{section}] has an unknown key '{name}': {hint}")
            try:
                values[name] = keys[name].read(value)
            except DaskbenchError as error:
                raise UsageError(f"{self.path}: [{section}] {name}: {error}") from error
        return values

    def _published(self, section: str, rows: object) -> tuple[Published, ...]:
        try:
            if not isinstance(rows, list):
                raise UsageError("expected a list of tables")
            return tuple(_published(row) for row in rows)
        except UsageError as error:
            raise UsageError(f"{self.path}: [{section}] published: {error}") from error


def _is_for(key: str, keys: Mapping[str, Key]) -> bool:
    """Whether a default applies to a suite with these keys: parameters do, other keys do not."""
    return key in keys or key not in KEYS


def _published(row: object) -> Published:
    """Read one published figure."""
    if not isinstance(row, dict):
        raise UsageError(f"{row!r} is not a table")
    for key in row:
        if key not in _PUBLISHED_KEYS:
            raise UsageError(f"unknown key '{key}': {nearest(key, _PUBLISHED_KEYS)}")
    try:
        return Published(
            scheduler=one_of(SCHEDULERS)(row["scheduler"]),
            workers=parse_count(str(row["workers"])) if "workers" in row else None,
            mean_s=parse_seconds(str(row["mean"])),
            std_s=parse_seconds(str(row["std"])),
        )
    except KeyError as error:
        raise UsageError(f"a row lacks {error}") from error


def _all_parameters() -> dict[str, Parameter]:
    return {
        name: parameter
        for benchmark in BENCHMARKS
        for name, parameter in subject(benchmark).parameters.items()
    }
