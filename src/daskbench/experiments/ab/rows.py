"""Compare two runs, two cases, or the two sides of a run: the ratio B / A and the verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from daskbench.document.sides import what_are
from daskbench.journal.run import Run
from daskbench.model import FEWEST, Side
from daskbench.stats.environments import changes, setting_changes
from daskbench.stats.identities import apart, lane_changes, untold, works_of
from daskbench.stats.matching import Names, Pair, benchmarks_of, comparable, match
from daskbench.stats.ratio import Ratio, by_launch, paired_ratios, unpaired_ratio
from daskbench.stats.results import Result, result_of
from daskbench.stats.tables import Numbered
from daskbench.stats.verdict import MARGIN, GateOutcome, Verdict, gate_of, verdict_of

#: The name of this experiment in plans.
KIND = "ab"
_LAUNCHES = "launches:"


@dataclass(frozen=True)
class Comparison:
    """A case on both sides; if `ratio` is above 1, B takes longer.

    `verdict` is None if there was nothing to compare: only one side has the case, or it was
    skipped. `gate` is None then too, and without a gate. `note` says why there is no ratio.
    """

    label: str
    a: Result | None
    b: Result | None
    ratio: Ratio | None = None
    verdict: Verdict | None = None
    gate: GateOutcome | None = None
    note: str | None = None

    @property
    def result(self) -> Result:
        """The result of B, or of A if B has none."""
        found = self.b or self.a
        assert found
        return found

    @property
    def has_failed(self) -> bool:
        """Whether a side failed, or has no valid sample."""
        return any(side and side.status in ("failed", "invalid") for side in (self.a, self.b))


@dataclass(frozen=True)
class Comparisons:
    """A table of comparisons of `a` with `b`, which are their names.

    `shared` is what all rows compute. `limit` is that of the gate, None without one. `differs`
    lists the known differences between the environments, and `apart` why similar cases are not
    paired.
    """

    a: str
    b: str
    runs: tuple[Run, Run]
    shared: str
    rows: tuple[Comparison, ...]
    margin: float
    limit: float | None
    paired: bool
    differs: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    @property
    def compared(self) -> list[Comparison]:
        """The rows with a verdict, including inconclusive ones."""
        return [row for row in self.rows if row.verdict]

    @property
    def untold(self) -> list[str]:
        """The sides whose lanes reported no identity."""
        pairs = [
            ((row.a.number, row.a.suite, row.a.case), (row.b.number, row.b.suite, row.b.case))
            for row in self.rows
            if row.a and row.b
        ]
        return untold(self.runs, pairs)

    @property
    def lacks_launches(self) -> bool:
        """Whether there is no interval because a side has too few launches."""
        return any((row.note or "").startswith(_LAUNCHES) for row in self.compared)

    @property
    def is_one_run(self) -> bool:
        """Whether both sides are from the same run."""
        return self.runs[0] is self.runs[1]

    @property
    def from_one_launch(self) -> bool:
        """Whether rows are paired and come from a single launch of both sides."""
        return any(
            row.ratio
            and row.ratio.rounds
            and row.ratio.launches == 1
            and not row.result.suite.in_turns  # each round starts all lanes anew
            for row in self.rows
        )


def compare_runs(a: Run, b: Run, margin: float = MARGIN, limit: float | None = None) -> Comparisons:
    """Compare two runs case by case. They share no rounds, so intervals come from launches."""
    one, two, works = comparable(a.cases), comparable(b.cases), (works_of(a), works_of(b))
    pairs = match(one, two, works)
    compared = _table((a.run_id, b.run_id), (a, b), pairs, _between(a, b, pairs), margin, limit)
    return replace(compared, apart=tuple(apart(benchmarks_of(one), benchmarks_of(two), works)))


def compare_cases(
    a: tuple[Run, int], b: tuple[Run, int], margin: float = MARGIN, limit: float | None = None
) -> Comparisons:
    """Compare two cases, in pairs if they are from one suite of one run."""
    (run_a, one), (run_b, two) = a, b
    pair = run_a.cases[one], run_b.cases[two]
    differs = _between(run_a, run_b, [pair])
    names = Names(pair)
    found = [names.name(suite, case) for _, suite, case in pair]
    if found[0] == found[1]:
        told = what_are([case.side for _, _, case in pair])
        found = [f"{name}, {what}" for name, what in zip(found, told, strict=True)]
    table = _table(
        (f"{run_a.run_id}: {found[0]}", f"{run_b.run_id}: {found[1]}"),
        (run_a, run_b),
        [pair],
        differs,
        margin,
        limit,
    )
    if found[0] == found[1]:
        return table
    row = replace(table.rows[0], label=f"{found[1]} against {found[0]}")
    return replace(table, rows=(row,))


def compare_sides(
    run: Run, margin: float | None = None, limit: float | None = None
) -> Comparisons | None:
    """Compare the two sides of a run, in pairs; None if it has no sides that can be compared.

    The `margin` is the run's own unless given.
    """
    sides: dict[str, Side] = {}
    of: dict[str, list[Numbered]] = {}
    for number, suite, case in comparable(run.cases):
        if case.side.name and suite.experiment.kind == KIND:
            sides.setdefault(case.side.name, case.side)
            of.setdefault(case.side.name, []).append((number, suite, case))
    if len(sides) < 2:
        return None
    a, b = [*sides][:2]
    margin = margin or of[a][0][1].settings.margin
    pairs = match(of[a], of[b])
    one, two = what_are([sides[a], sides[b]])
    differs = [*lane_changes((run, run), _both(pairs))]
    return _table((one, two), (run, run), pairs, differs, margin, limit)


def _both(pairs: Sequence[Pair]) -> list[tuple[Numbered, Numbered]]:
    return [(one, two) for one, two in pairs if one and two]


def _between(a: Run, b: Run, pairs: Sequence[Pair]) -> list[str]:
    """Return the differences in where, how and what two runs measured."""
    inside = not untold((a, b), _both(pairs))
    found = [] if a is b else changes(a.environment, b.environment, inside=inside)
    return [*found, *lane_changes((a, b), _both(pairs)), *_of_plans(a, b, pairs)]


def _of_plans(a: Run, b: Run, pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield the differences between two plans: clusters, sides, settings, seed."""
    both = _both(pairs)
    names = [(one[1].cluster.described, two[1].cluster.described) for one, two in both]
    for cluster, other in dict.fromkeys(names):
        if cluster != other:
            yield f"cluster {cluster or 'of its own'} -> {other or 'of its own'}"
    told = [what_are([one[2].side, two[2].side]) for one, two in both]
    yield from dict.fromkeys(f"{x} -> {y}" for x, y in told if x != y)
    changed = [setting_changes(one[1].settings, two[1].settings) for one, two in both]
    yield from dict.fromkeys(line for lines in changed for line in lines)
    if a.plan.seed != b.plan.seed:
        yield f"seed {a.plan.seed} -> {b.plan.seed}"


def _table(
    names: tuple[str, str],
    runs: tuple[Run, Run],
    pairs: Sequence[Pair],
    differs: Sequence[str],
    margin: float,
    limit: float | None,
) -> Comparisons:
    called = Names(case for pair in pairs for case in pair if case)
    bare = [_row(called, runs, one, two) for one, two in pairs]
    rows = _judged(runs, bare, margin, limit)
    paired = runs[0] is runs[1] and all(
        one[1].name == two[1].name for one, two in pairs if one and two
    )
    return Comparisons(
        *names, runs, called.shared, tuple(rows), margin, limit, paired, tuple(differs)
    )


def _row(
    names: Names, runs: tuple[Run, Run], one: Numbered | None, two: Numbered | None
) -> Comparison:
    numbered = two or one
    assert numbered
    label = names.name(numbered[1], numbered[2])
    a, b = one and result_of(runs[0], *one), two and result_of(runs[1], *two)
    if a is None or b is None:
        return Comparison(label, a, b, note="only in B" if a is None else "only in A")
    return Comparison(label, a, b, note=_hindrance(a, b))


def _hindrance(a: Result, b: Result) -> str | None:
    """Return which side has no valid times, and why."""
    for name, result in (("B", b), ("A", a)):
        if result.status != "ok":
            return f"{result.status} in {name}" + (f": {result.reason}" if result.reason else "")
    return None


Sides = tuple[Result, Result]


def _ratios(runs: tuple[Run, Run], rows: Sequence[Sides]) -> list[tuple[Ratio | None, str | None]]:
    """Return the ratio of each row, and why there is none.

    The intervals of a suite hold all at once, as they did when its rounds were ended.
    """
    paired: dict[int, Ratio | None] = {}
    for name, settings in dict.fromkeys((b.suite.name, b.suite.settings) for _, b in rows):
        here = [
            place
            for place, (a, b) in enumerate(rows)
            if b.suite.name == name and _share_rounds(runs, a, b)
        ]
        pairs = [
            (runs[1].samples[rows[i][1].number], runs[0].samples[rows[i][0].number]) for i in here
        ]
        paired |= dict(zip(here, paired_ratios(pairs, settings), strict=True))
    return [
        _told(paired[place]) if place in paired else _unpaired(runs, a, b, len(rows))
        for place, (a, b) in enumerate(rows)
    ]


def _share_rounds(runs: tuple[Run, Run], a: Result, b: Result) -> bool:
    return runs[0] is runs[1] and a.suite.name == b.suite.name


def _told(ratio: Ratio | None) -> tuple[Ratio | None, str | None]:
    return ratio, ratio.lacks if ratio else "fewer than two shared rounds"


def _unpaired(
    runs: tuple[Run, Run], a: Result, b: Result, rows: int
) -> tuple[Ratio | None, str | None]:
    launches = [
        by_launch(run.samples[side.number], side.suite.settings, in_turns=bool(side.suite.in_turns))
        for run, side in zip(runs, (a, b), strict=True)
    ]
    ratio = unpaired_ratio(launches[1], launches[0], rows)
    counts = f"{len(launches[0])} and {len(launches[1])}"
    return ratio, None if ratio else f"{_LAUNCHES} {counts}; an interval needs {FEWEST} of each"


def _judged(
    runs: tuple[Run, Run], rows: Sequence[Comparison], margin: float, limit: float | None
) -> Iterator[Comparison]:
    """Yield the rows with their ratios, and verdicts where something was to be compared."""
    timed = [row for row in rows if row.a and row.b and not row.note]
    found = dict(zip(map(id, timed), _ratios(runs, [_sides(row) for row in timed]), strict=True))
    for row in rows:
        ratio, note = found.get(id(row), (None, row.note))
        judged = replace(row, ratio=ratio, note=note)
        if row.a and row.b and not _skipped(row):
            gate = None if limit is None else gate_of(ratio, limit)
            judged = replace(judged, verdict=verdict_of(ratio, margin), gate=gate)
        yield judged


def _sides(row: Comparison) -> Sides:
    assert row.a
    assert row.b
    return row.a, row.b


def _skipped(row: Comparison) -> bool:
    return any(result is not None and result.status == "skipped" for result in (row.a, row.b))
