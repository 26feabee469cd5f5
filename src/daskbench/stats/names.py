"""Shortest names that distinguish cases."""

from collections import Counter
from collections.abc import Mapping, Sequence

from daskbench.model import Case
from daskbench.stats.tables import Numbered


def names_of(cases: Sequence[Numbered]) -> dict[int, str]:
    """Return a name for each case by its number: its place, and how else it differs.

    The benchmark is included if there are several, parameters if they vary, and the suite if two
    cases are otherwise alike.
    """
    suites = {number: suite.name for number, suite, _ in cases}
    bare = _bare_names([(number, case) for number, _, case in cases])
    often = Counter(bare.values())
    named = {n: f"{name} in {suites[n]}" if often[name] > 1 else name for n, name in bare.items()}
    return _numbered(named)


def titles_of(tables: Sequence[Sequence[Numbered]]) -> list[str]:
    """Name tables by the suites and parameters that distinguish them; a single one has no name."""
    own = [table for table in tables if not table[0][2].reference]
    several = len({suite.name for (_, suite, _), *_ in own}) > 1
    titles = []
    for table in tables:
        (_, suite, case), *_ = table
        beside = [one[0][2] for one in own if one[0][1].name == suite.name]
        parts = [suite.name] if several else []
        titles.append(" ".join([*parts, *parameter_texts(case, varied(beside))]))
    return titles


def varied(cases: Sequence[Case]) -> list[str]:
    """Return the parameters that vary among the cases that have them."""
    names = dict.fromkeys(name for case in cases for name in case.parameters)
    return [
        name
        for name in names
        if len({case.parameters[name] for case in cases if name in case.parameters}) > 1
    ]


def parameter_texts(case: Case, names: Sequence[str]) -> list[str]:
    """Write some parameters of a case: ``n=1000``; those that are empty are left out."""
    values = ((name, case.parameters.get(name, "")) for name in names)
    return [_text(name, value) for name, value in values if value != ""]


def _text(name: str, value: object) -> str:
    return f"{name}={f'{value:g}' if isinstance(value, float) else value}"


def _bare_names(cases: Sequence[tuple[int, Case]]) -> dict[int, str]:
    by_benchmark: dict[str, list[Case]] = {}
    for _, case in cases:
        by_benchmark.setdefault(case.benchmark, []).append(case)
    differ = {name: varied(members) for name, members in by_benchmark.items()}
    references = {case.benchmark for _, case in cases if case.reference}
    called = _called([name for name in by_benchmark if name not in references])
    names = {}
    for number, case in cases:
        what = [called[case.benchmark]] if len(called) > 1 and case.benchmark in called else []
        what += [case.benchmark] if case.reference else []
        what += parameter_texts(case, differ[case.benchmark])
        names[number] = f"{case.place} ({' '.join(what)})" if what else case.place
    return names


def _called(benchmarks: Sequence[str]) -> Mapping[str, str]:
    """Name benchmarks without their folders, if that distinguishes them."""
    short = {name: name.rpartition("/")[2] for name in benchmarks}
    often = Counter(short.values())
    return {name: name if often[one] > 1 else one for name, one in short.items()}


def _numbered(names: Mapping[int, str]) -> dict[int, str]:
    """Append a number to names that are still equal."""
    often, seen = Counter(names.values()), Counter[str]()
    unique = {}
    for number, name in names.items():
        seen[name] += 1
        unique[number] = f"{name} #{seen[name]}" if often[name] > 1 else name
    return unique
