"""Why one scheduler is slower than another.

Causes are named where accounts of core-seconds measured them; elsewhere there are only hints.
"""

from daskbench.experiments.compare.locks import shared_lock
from daskbench.experiments.compare.overheads import overhead
from daskbench.experiments.compare.pools import pool_start
from daskbench.findings.rules import SCHEDULING, Rule

RULES = (
    Rule(shared_lock, per_table=True),
    Rule(pool_start, see=SCHEDULING),
    Rule(overhead, see=SCHEDULING),
)
