"""Compare the identities of lanes on two sides, and match benchmarks that are the same work."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from daskbench.identity import changes, source_changes
from daskbench.journal.run import Run
from daskbench.model import SESSION, Case
from daskbench.stats.tables import Numbered

#: The code of each benchmark, by name: the digest of each file, its own first.
Works = Mapping[str, Mapping[str, str]]
_MOST_NAMED = 3


def works_of(run: Run) -> Works:
    """Return the code that the lanes of a run reported."""
    found: dict[str, dict[str, str]] = {}
    for number, _, case in run.cases:
        if identity := run.identities.get(number):
            found.setdefault(case.benchmark, {}).update(identity.source)
    return found


def same_works(
    one: Iterable[str], two: Iterable[str], works: tuple[Works, Works] | None
) -> dict[str, str]:
    """Return for each benchmark of `two` the one of `one` that is the same work.

    Ours, files at the same path, and functions of sessions, each of which has a file of its run,
    are matched by name; other files by content. Without `works`, which are unknown before a run,
    the name of the file is enough.
    """
    ones, found = dict.fromkeys(one), {}
    for name in dict.fromkeys(two):
        alike = [other for other in ones if _is_same(other, name, works)]
        if name in ones or alike:
            found[name] = name if name in ones else alike[0]
    return found


def apart(one: Iterable[str], two: Iterable[str], works: tuple[Works, Works]) -> Iterator[str]:
    """Yield why benchmarks with the same file name are not paired."""
    pairs = same_works(one, two, works)
    for name in (name for name in dict.fromkeys(two) if name not in pairs):
        for other in (other for other in dict.fromkeys(one) if _base(other) == _base(name)):
            known = other in works[0] and name in works[1]
            differ = "differ" if known else "may differ: not both journals have their digests"
            yield (
                f"{other} and {name} are not paired, as the files {differ}; to compare them "
                "anyway, name cases as RUN:1"
            )


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _is_same(one: str, two: str, works: tuple[Works, Works] | None) -> bool:
    if one.rpartition(":")[2] != two.rpartition(":")[2]:
        return False
    if works is None or (SESSION in one and SESSION in two):
        return _base(one) == _base(two)
    a, b = works[0].get(one), works[1].get(two)
    if not a or not b:
        return False
    own = next(iter(a.values())), next(iter(b.values()))
    return own[0] == own[1] and not source_changes(a, b, common=True)


def lane_changes(
    runs: tuple[Run, Run], pairs: Sequence[tuple[Numbered, Numbered]]
) -> Iterator[str]:
    """Yield the differences between the lanes of pairs, and of which pairs, if not of all.

    Requested differences between sides are left out, as the sides are described elsewhere.
    """
    told: dict[str, list[Case]] = {}
    compared = 0
    for (one, _, case), (two, _, other) in pairs:
        a, b = runs[0].identities.get(one), runs[1].identities.get(two)
        if a and b:
            compared += 1
            for line in changes(a, b, known={*_asked(case), *_asked(other)}):
                told.setdefault(line, []).append(other)
    for line, cases in told.items():
        yield line if len(cases) == compared else f"{line} (in {_named(cases)})"


def _asked(case: Case) -> list[str]:
    return [*case.side.config, *case.side.variables]


def _named(cases: Sequence[Case]) -> str:
    places = [*dict.fromkeys(case.place for case in cases)]
    more = [f"{len(places) - _MOST_NAMED} more"] if len(places) > _MOST_NAMED else []
    return ", ".join([*places[:_MOST_NAMED], *more])


def untold(runs: tuple[Run, Run], pairs: Sequence[tuple[Numbered, Numbered]]) -> list[str]:
    """Return which sides, A or B, lack identities: an earlier daskbench did not record them."""
    return [
        name
        for place, name in enumerate("AB")
        if any(pair[place][0] not in runs[place].identities for pair in pairs)
    ]
