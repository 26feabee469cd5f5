"""The results of a suite as tables of cases that compute the same thing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from daskbench.journal.run import Run
from daskbench.model import Case, Published, Suite
from daskbench.stats.ratio import Ratio, paired_ratios
from daskbench.stats.results import BaselineComparison, Rates, Result, result_of
from daskbench.stats.tables import Numbered, baseline_of, is_numpy, tables_of
from daskbench.stats.verdict import verdict_of


@dataclass(frozen=True)
class ResultTable:
    """Results that compute the same thing, and so can be compared: one table.

    In a `race` times are compared. With `tells_failures` the table itself shows the status of each
    row, so no finding has to.
    """

    suite: Suite
    what: str
    baseline: Case | None
    results: tuple[Result, ...]
    race: bool = True
    tells_failures: bool = False

    @property
    def reference(self) -> bool:
        """Whether this is the speed of the hardware, measured beside the cases of the suite."""
        return all(result.case.reference for result in self.results)

    @property
    def name(self) -> str:
        """Its name, by which the labels of its rows tell it from other tables; empty if alone."""
        return self.results[0].table if self.results else ""

    @property
    def unnamed(self) -> Self:
        """The same table with labels that don't name it, for lines that do."""
        return replace(self, results=tuple(replace(one, table="") for one in self.results))


def result_tables_of(run: Run, numbered: Sequence[Numbered]) -> list[ResultTable]:
    """Return the results of cases, grouped by suite and by what is computed."""
    results = [result_of(run, *one) for one in numbered]
    by_number = {result.number: result for result in results}
    rates = (result.rates.flops_per_s for result in results if result.case.reference)
    dgemm = max((rate for rate in rates if rate), default=None)
    tables = ([by_number[number] for number, _, _ in table] for table in tables_of(numbered))
    return [
        _uncompared(table) if table[0].case.reference else _compared(run, table, dgemm)
        for table in tables
    ]


def _uncompared(results: list[Result]) -> ResultTable:
    first = results[0]
    return ResultTable(first.suite, first.case.benchmark, None, tuple(results), race=False)


def _compared(run: Run, results: list[Result], dgemm: float | None) -> ResultTable:
    suite = results[0].suite
    first = baseline_of([(result.number, suite, result.case) for result in results])
    base = next(result for result in results if result.number == first)
    varied = _varied(results)
    compared = [
        replace(
            result,
            comparison=BaselineComparison(
                ratio,
                verdict=verdict_of(ratio, suite.settings.margin)
                if ratio and result is not base
                else None,
                baseline=base.case,
            ),
            variants=_variants(result.case, varied),
            rates=replace(result.rates, dgemm_share=_share(result.rates, dgemm)),
        )
        for result, ratio in zip(results, _ratios(run, results, base), strict=True)
    ]
    timed = [result for result in compared if result.summary and result.status == "ok"]
    best = min(timed, key=_median_s, default=None)
    label = next(result.label for result in compared if result.number == base.number)
    rows = tuple(
        replace(
            result,
            comparison=replace(
                result.comparison, best=len(timed) > 1 and best is result, baseline_label=label
            ),
        )
        for result in compared
    )
    return ResultTable(suite, base.case.described(without=varied), base.case, rows)


def published_for(table: ResultTable, case: Case) -> Published | None:
    """Return the published figure for this case, if there is one."""
    return next(
        (
            figure
            for figure in table.suite.published
            if (figure.scheduler, figure.workers) == (case.scheduler, case.workers)
            and case.threads_per_worker in (None, 1)
        ),
        None,
    )


def _ratios(run: Run, results: list[Result], base: Result) -> list[Ratio | None]:
    """Return the ratio of each to the baseline, which is 1 to itself."""
    others = [result for result in results if result is not base]
    samples = run.samples[base.number]
    pairs = [(run.samples[result.number], samples) for result in others]
    found = iter(paired_ratios(pairs, base.suite.settings))
    rounds = len(samples.loop_s)
    own = Ratio(1.0, 1.0, 1.0, rounds, 1) if rounds > 1 else None
    return [own if result is base else next(found) for result in results]


def _varied(results: list[Result]) -> list[str]:
    """Return the parameters in which Dask's rows of a table differ."""
    names = results[0].case.parameters
    cases = [result.case for result in results if not is_numpy(result.case)]
    return [name for name in names if len({case.parameters.get(name) for case in cases}) > 1]


def _variants(case: Case, varied: list[str]) -> str:
    """Name the variant of a row; NumPy has none."""
    if is_numpy(case):
        return ""
    values = ((name, case.parameters[name]) for name in varied)
    return ", ".join(
        value if isinstance(value, str) else f"{name.replace('_', ' ')} {_number(value)}"
        for name, value in values
    )


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _share(rates: Rates, dgemm: float | None) -> float | None:
    return rates.flops_per_s / dgemm if rates.flops_per_s and dgemm else None


def _median_s(result: Result) -> float:
    assert result.summary is not None
    return result.summary.median_s
