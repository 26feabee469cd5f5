"""``daskbench svd``."""

import dataclasses
from typing import Any

import click

from daskbench import environment
from daskbench.cli import options
from daskbench.cli.session import carry_out
from daskbench.config import KEYS, make_suite

DEFAULT = ("distributed",)
SCHEDULERS = dataclasses.replace(
    KEYS["schedulers"], help=KEYS["schedulers"].help.replace("[all]", f"[{','.join(DEFAULT)}]")
)

EPILOG = """\b
Examples:
  daskbench svd --shape 2000000x100 --chunks 10000x100
  daskbench svd --shape 2e5x100 --chunks 2e4x100,1e4x100,5e3x100 --workers 2
  daskbench svd --shape 2e5x100 --schedulers numpy,threads,distributed --blas-threads native"""


@click.command(epilog=EPILOG)
@options.parameter_options("svd")
@options.key_options(KEYS | {"schedulers": SCHEDULERS})
@options.measure_options
def command(wishes: options.Wishes, **values: Any) -> None:
    """Time the exact SVD of a matrix chunked along one dimension.

    X is uniform random, and making it is a part of the work; its singular values are computed by
    dask.array.linalg.svd and checked against LAPACK's. Runs on distributed unless --schedulers
    says otherwise.
    """
    given = {"schedulers": DEFAULT} | options.given(values)
    suite = make_suite("svd", "svd", given, environment.cores)
    click.get_current_context().exit(carry_out((suite,), "svd", wishes))
