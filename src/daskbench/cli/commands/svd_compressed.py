"""``daskbench svd-compressed``."""

from typing import Any

import click

from daskbench.cli import benchmark_options, options
from daskbench.cli.commands.svd import DISTRIBUTED, carry_out_svd
from daskbench.cli.look import look_options

EPILOG = """\b
Examples:
  daskbench svd-compressed --shape 10000x10000 --chunks 2000x2000 -k 5
  daskbench svd-compressed --power-iterations 0,2,4 --iterator power,QR --workers 2
  daskbench svd-compressed --shape 4000x4000 --chunks 1000x1000 --schedulers numpy,distributed"""


@click.command(epilog=EPILOG)
@benchmark_options.parameter_options("svd_compressed")
@options.key_options(DISTRIBUTED)
@options.measure_options
@look_options
def command(run_options: options.RunOptions, **values: Any) -> None:
    """Time the approximate SVD of a matrix chunked in any way.

    Uses dask.array.linalg.svd_compressed, which finds the k largest singular values of X in a
    random subspace; the error of each is shown beside the time. Runs on distributed unless
    --schedulers says otherwise.
    """
    carry_out_svd("svd_compressed", run_options, values)
