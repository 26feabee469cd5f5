"""``daskbench network``."""

from typing import Any

import click

from daskbench.cli import options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.experiments.network import EXPERIMENT
from daskbench.experiments.network.plan import BENCHMARK, KEYS, KIND

EPILOG = """\b
Examples:
  daskbench network --address tcp://10.0.0.5:8786     an existing cluster
  daskbench network --cluster ssh --cluster-option hosts=head,node1,node2
  daskbench network --cluster slurm --memory-limit 2GiB --workers 4 --interface ib0
  daskbench network --sizes 1B,64KiB,64MiB --rounds 20 --csv network.csv
  daskbench network --workers 2                       on this machine alone

Exit code 1 if a message did not arrive between a pair of workers."""


@click.command(epilog=EPILOG)
@options.key_options(KEYS)
@options.measure_options
def command(run_options: options.RunOptions, **values: Any) -> None:
    """Measure latency and bandwidth between each pair of workers.

    Workers send messages to each other by Dask's own comms, over the protocol and the interface at
    which they listen: small ones there and back, large ones as they fetch results of tasks from
    each other. Each pair is visited in each round, in random order, and what arrives is compared
    in size and checksum.
    """
    suite = EXPERIMENT.make(KIND, BENCHMARK, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), KIND, run_options))
