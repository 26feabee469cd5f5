"""The ratios of a table of times, to be drawn with their intervals."""

from daskbench.document.chart import Forest, Interval
from daskbench.stats.result_tables import ResultTable


def forests_of(table: ResultTable) -> list[Forest]:
    """Return the ratios to the baseline, if any row has a verdict."""
    rows = [
        Interval(row.label, ratio.value, ratio.low, ratio.high, row.comparison.verdict or "")
        for row in table.results
        if (ratio := row.comparison.ratio)
    ]
    if not table.race or not any(row.verdict for row in rows):
        return []
    label = table.results[0].comparison.baseline_label
    return [Forest(table.what, f"time / time of {label}", table.suite.settings.margin, rows)]
