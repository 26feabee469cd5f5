"""Descriptions of the built-in benchmarks: what each computes, and how large its sizes are here."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from daskbench.benchmarks import BENCHMARKS, find_benchmark
from daskbench.benchmarks.base import BenchmarkType, Parameters
from daskbench.benchmarks.sizes import FRACTIONS
from daskbench.errors import UsageError

_LESSON = "lesson"
Values = dict[str, int | float | str]


@dataclass(frozen=True)
class Described:
    """A built-in benchmark: its family and first line of help.

    `sizes` are the values of its main parameter by size; without sizes `parameters` are its
    defaults. `lacking` says what must be installed to run it, if anything.
    """

    name: str
    family: str
    line: str
    parameters: Values
    sizes: Mapping[str, Values]
    lacking: str | None = None


def describe() -> list[Described]:
    """Return a description of each built-in benchmark, by families."""
    return sorted(map(_described, BENCHMARKS), key=lambda one: one.family)


def families() -> list[tuple[str, list[Described]]]:
    """Return the built-in benchmarks of each family, in the order of the registry."""
    return [(family, [*those]) for family, those in groupby(describe(), lambda one: one.family)]


def _described(name: str) -> Described:
    kind = find_benchmark(name)
    line = (kind.__doc__ or "").partition("\n")[0].replace("``", "")
    sizes = {size: _derived(kind, {"size": size}) for size in FRACTIONS}
    own = _derived(kind, {})
    if "size" in own:
        main = next(name for name, parameter in kind.parameters.items() if parameter.derive)
        shown = {size: {main: values[main]} for size, values in sizes.items()}
        return Described(name, _family(name), line, own, shown, _lacking(kind, own))
    return Described(name, _family(name), line, own, {}, _lacking(kind, own))


def _family(name: str) -> str:
    """Return the folder of a benchmark; those on their own are from the lesson."""
    parts = BENCHMARKS[name].partition(":")[0].split(".")
    return parts[2].replace("_", " ") if len(parts) > 3 else _LESSON


def _derived(kind: BenchmarkType, given: Parameters) -> Values:
    """Return all parameters, where these are given."""
    values: Values = {name: one.default for name, one in kind.parameters.items()} | dict(given)
    for name, parameter in kind.parameters.items():
        if parameter.derive:
            values[name] = parameter.derive(values)
    return values


def _lacking(kind: BenchmarkType, parameters: Parameters) -> str | None:
    try:
        kind(**parameters, seed=0)
    except UsageError as error:
        return str(error)
    return None
