"""Match the cases of two plans, and name them briefly."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence

import msgspec

from daskbench.model import Case, Side, Suite
from daskbench.stats.identities import Works, same_works
from daskbench.stats.tables import Numbered

Pair = tuple[Numbered | None, Numbered | None]

#: The name of what the other side has not.
_STRANGE = ""
#: Tie-breakers if several cases match: the first of these that finds a partner.
_TIES: tuple[Callable[[Numbered], Hashable], ...] = (
    lambda one: (one[1].name, one[2].side.name),
    lambda one: one[2].side.name,
    lambda one: one[1].name,
    lambda one: None,
)


def comparable(cases: Iterable[Numbered]) -> list[Numbered]:
    """Return the cases whose times can be compared: those of races that are not references."""
    return [
        (number, suite, case) for number, suite, case in cases if suite.race and not case.reference
    ]


def match(
    one: Sequence[Numbered], two: Sequence[Numbered], works: tuple[Works, Works] | None = None
) -> list[Pair]:
    """Pair matching cases in the order of the first plan, then those only in the second.

    Suites and sides matter only if a plan has the same case several times. `works` are those of
    both sides, None if the second is not measured yet.
    """
    called = same_works(benchmarks_of(one), benchmarks_of(two), works)
    same = (
        {case[0]: _same(case, case[2].benchmark) for case in one},
        {case[0]: _same(case, called.get(case[2].benchmark, _STRANGE)) for case in two},
    )
    partners: dict[int, Numbered] = {}
    left = {case[0]: case for case in two}
    for tie in _TIES:
        waiting: dict[Hashable, deque[Numbered]] = defaultdict(deque)
        for case in left.values():
            waiting[same[1][case[0]], tie(case)].append(case)
        for case in one:
            found = waiting.get((same[0][case[0]], tie(case)))
            if case[0] not in partners and found:
                partners[case[0]] = found.popleft()
                del left[partners[case[0]][0]]
    pairs: list[Pair] = [(case, partners.get(case[0])) for case in one]
    return pairs + [(None, case) for case in left.values()]


def benchmarks_of(cases: Iterable[Numbered]) -> list[str]:
    """Return the names of what is measured."""
    return [case.benchmark for _, _, case in cases]


def _same(numbered: Numbered, benchmark: str) -> Hashable:
    """Return a key that is equal for two cases that measure the same thing."""
    _, suite, case = numbered
    return (
        benchmark,  # as A calls it: a user's own may lie elsewhere on another machine
        tuple(sorted(case.parameters.items())),
        case.scheduler,
        case.workers,
        case.threads_per_worker,
        case.memory_limit_bytes,
        case.thresholds,
        suite.settings.blas_threads if case.blas_threads is None else case.blas_threads,
    )


class Names:
    """Names for the cases of one table; what all of them share is in `shared`."""

    def __init__(self, cases: Iterable[Numbered]) -> None:
        every = list(cases)
        benchmarks = {case.benchmark for _, _, case in every}
        names = dict.fromkeys(name for _, _, case in every for name in case.parameters)
        self._varied = [
            name for name in names if len({case.parameters.get(name) for _, _, case in every}) > 1
        ]
        self._several = len(benchmarks) > 1
        self.shared = (
            "" if self._several or not every else every[0][2].described(without=self._varied)
        )
        self._often = Counter((self._bare(case), suite.name) for _, suite, case in every)
        self._suites = Counter(bare for bare, _ in self._often)

    def name(self, suite: Suite, case: Case) -> str:
        """Name a case by its place, and by what else distinguishes it."""
        bare = self._bare(case)
        return f"{bare} in {suite.name}" if self._suites[bare] > 1 else bare

    def _bare(self, case: Case) -> str:
        place = msgspec.structs.replace(case, side=Side()).place
        if self._several:
            return f"{case.what} on {place}"
        variants = (f"{n}={case.parameters[n]}" for n in self._varied if n in case.parameters)
        return ", ".join([place, *variants])
