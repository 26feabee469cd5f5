"""The samples in the format of ``hyperfine --export-json``, for scripts that read it.

Source: ``BenchmarkResult`` in hyperfine 1.x, src/benchmark/benchmark_result.rs.
"""

from math import isnan
from statistics import stdev

from daskbench import harmless
from daskbench.document import Document, Record
from daskbench.formats import Page
from daskbench.formats.counted import Counted, counted


def render(document: Document, page: Page) -> str:
    """Return one result per case; the case's name is hyperfine's command.

    hyperfine distinguishes CPU seconds in user mode from those in the kernel, daskbench does not:
    the mean of their sum is `user`, and `system` is 0. Both are null if unknown, as on an external
    cluster. As in hyperfine, `stddev` divides by n - 1, and is null for one sample; `exit_codes`
    are 0, as invalid samples are left out.
    """
    found = {"results": [_result(one) for one in counted(document)]}
    return harmless.json(found)


def _result(one: Counted) -> Record:
    seconds, cpu_s = one.seconds, float(one.cpu_s.mean())
    known = not isnan(cpu_s)  # NaN if any sample's is
    parameters = {name: str(value) for name, value in one.result.case.parameters.items()}
    return {
        "command": one.name,
        "mean": one.summary.mean_s,
        "stddev": stdev(seconds) if len(seconds) > 1 else None,
        "median": one.summary.median_s,
        "user": cpu_s if known else None,
        "system": 0.0 if known else None,
        "min": one.summary.min_s,
        "max": one.summary.max_s,
        "times": seconds,
        "exit_codes": [0] * len(seconds),
        **({"parameters": parameters} if parameters else {}),
    }
