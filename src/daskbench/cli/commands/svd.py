"""``daskbench svd``."""

from collections.abc import Mapping
from typing import Any

import click

from daskbench import environment
from daskbench.cli import benchmark_options, options
from daskbench.cli.look import look_options
from daskbench.cli.session import carry_out
from daskbench.config import KEYS, make_suite
from daskbench.model import DECIDE

DEFAULT = ("distributed",)
#: The keys of commands that run on distributed by default.
DISTRIBUTED = KEYS | {"schedulers": KEYS["schedulers"].with_default(",".join(DEFAULT))}

EPILOG = """\b
Examples:
  daskbench svd --shape 2000000x100 --chunks 10000x100
  daskbench svd --shape 2e5x100 --method tsqr,cholesky-qr2,gram --compute usv --input persist
  daskbench svd --shape 2e5x100 --chunks 2e4x100,1e4x100,5e3x100 --workers 2
  daskbench svd --shape 2e5x100 --schedulers numpy,threads,distributed
  daskbench svd --shape 1e5x100 --graph svd.svg --performance-report svd.html
  daskbench svd --distribution spectrum --condition 10,1e6 --method gram --dry-run"""


@click.command(epilog=EPILOG)
@benchmark_options.parameter_options("svd")
@options.key_options(DISTRIBUTED)
@options.measure_options
@look_options
def command(run_options: options.RunOptions, **values: Any) -> None:
    """Time the exact SVD of a matrix chunked along one dimension.

    Uses dask.array.linalg.svd, or methods that are faster where X allows them. Errors relative to
    LAPACK are shown beside the time. Runs on distributed unless --schedulers says otherwise.
    """
    carry_out_svd("svd", run_options, values)


def carry_out_svd(
    benchmark: str, run_options: options.RunOptions, values: Mapping[str, Any]
) -> None:
    """Measure one of the decompositions with the given options."""
    given = {"schedulers": DEFAULT} | options.given(values)
    name = benchmark.replace("_", "-")
    suite = make_suite(name, benchmark, given, environment.cores, decide=DECIDE)
    click.get_current_context().exit(carry_out((suite,), name, run_options))
