"""A run to its tables: results that compute the same thing stand together, and are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from daskbench.journal.run import Run
from daskbench.model import Case, Suite
from daskbench.stats.limits import Threshold, Trial, thresholds_of, trial_of
from daskbench.stats.ratio import paired_ratio
from daskbench.stats.results import Result, result_of
from daskbench.stats.tables import HARDWARE, baseline_of, is_numpy, tables_of
from daskbench.stats.thresholds import THRESHOLDS
from daskbench.stats.verdict import verdicts


@dataclass(frozen=True)
class Group:
    """Results that compute the same thing, and so can be compared: one table.

    Those of a search are the limits that were tried, the smallest first, and what that tells:
    `thresholds`.
    """

    suite: Suite
    what: str
    baseline: Case | None
    results: tuple[Result, ...]
    thresholds: tuple[Threshold, ...] = ()

    @property
    def is_search(self) -> bool:
        """Whether these are the memory limits that a search tried."""
        return bool(self.thresholds)

    @property
    def is_hardware(self) -> bool:
        """Whether these are the machine's own limits: rates that are not to be compared."""
        return all(result.case.benchmark == HARDWARE for result in self.results)

    @property
    def is_thresholds(self) -> bool:
        """Whether these are thresholds of memory, which agree or differ and are no race."""
        return all(result.case.benchmark == THRESHOLDS for result in self.results)


def groups_of(run: Run) -> list[Group]:
    """Return the results of a run, grouped by suite and by what is computed."""
    results = []
    for number, suite, case in run.cases:
        trial = trial_of(run, number, suite, case) if suite.search else None
        # The largest limit is the first to be tried: so there is a row for it in any case.
        if trial or not suite.search or case == suite.cases[-1]:
            results.append(replace(result_of(run, number, suite, case), trial=trial))
    dgemm: dict[str, float] = {}
    for result in results:
        if result.case.benchmark == HARDWARE and result.flops_per_s:
            best = max(result.flops_per_s, dgemm.get(result.suite.name, 0.0))
            dgemm[result.suite.name] = best
    return [
        _searched(members) if members[0].suite.search else _compare(run, members, dgemm)
        for members in _gathered(results)
    ]


def _searched(results: list[Result]) -> Group:
    """Bring the trials of a search together; the largest limit without spilling is the baseline."""
    trials = [result.trial for result in results if result.trial]
    base = next((row for row in reversed(results) if row.trial and row.trial.unspilled), None)
    base_s = base.summary.mean_s if base and base.summary else None
    rows = tuple(replace(result, trial=_priced(result, base_s)) for result in results)
    first = results[0]
    return Group(
        first.suite,
        first.case.what,
        base.case if base else None,
        rows,
        thresholds_of(first.suite, trials),
    )


def _priced(result: Result, base_s: float | None) -> Trial | None:
    if result.trial is None or result.summary is None or not base_s:
        return result.trial
    return replace(result.trial, price=result.summary.mean_s / base_s)


def _gathered(results: Sequence[Result]) -> list[list[Result]]:
    """Bring together what computes the same."""
    by_number = {result.number: result for result in results}
    tables = tables_of((result.number, result.suite, result.case) for result in results)
    return [[by_number[number] for number, _, _ in table] for table in tables]


def _compare(run: Run, results: list[Result], dgemm: Mapping[str, float]) -> Group:
    suite, benchmark = results[0].suite, results[0].case.benchmark
    if benchmark in (HARDWARE, THRESHOLDS):  # different things, which run no race
        return Group(suite, benchmark, None, tuple(results))
    first = baseline_of([(result.number, suite, result.case) for result in results])
    base = next(result for result in results if result.number == first)
    varied = _varied(results)
    compared = [
        replace(
            result,
            ratio=paired_ratio(
                run.samples[result.number], run.samples[base.number], suite.settings
            ),
            baseline=base.case,
            ways=_ways(result.case, varied),
            dgemm_share=_share(result, dgemm.get(result.suite.name)),
        )
        for result in results
    ]
    compared = _judged(compared, base.number)
    timed = [result for result in compared if result.summary and result.status == "ok"]
    best = min(timed, key=_median_s, default=None)
    label = next(result.label for result in compared if result.number == base.number)
    rows = tuple(
        replace(result, best=len(timed) > 1 and best is result, baseline_label=label)
        for result in compared
    )
    what = base.case.described(without=varied)
    return Group(suite, what, base.case, rows)


def _judged(results: list[Result], base: int) -> list[Result]:
    """Return the results of a table with the verdicts on all its ratios to the baseline."""
    asked = [result.number for result in results if result.ratio and result.number != base]
    logs = [result.ratio.log for result in results if result.ratio and result.number != base]
    found = dict(zip(asked, verdicts(logs), strict=True))
    return [replace(result, verdict=found.get(result.number)) for result in results]


def _varied(results: list[Result]) -> list[str]:
    """Return the parameters in which Dask's rows of a group differ."""
    names = results[0].case.parameters
    cases = [result.case for result in results if not is_numpy(result.case)]
    return [name for name in names if len({case.parameters.get(name) for case in cases}) > 1]


def _ways(case: Case, varied: list[str]) -> str:
    """Name a row's own ways; NumPy knows none."""
    if is_numpy(case):
        return ""
    values = ((name, case.parameters[name]) for name in varied)
    return ", ".join(
        value if isinstance(value, str) else f"{name.replace('_', ' ')} {_number(value)}"
        for name, value in values
    )


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _share(result: Result, dgemm: float | None) -> float | None:
    return result.flops_per_s / dgemm if result.flops_per_s and dgemm else None


def _median_s(result: Result) -> float:
    assert result.summary is not None
    return result.summary.median_s
