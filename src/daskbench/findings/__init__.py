"""What disturbed a run, or would surprise its reader, whatever its experiment: one plain line each,
and only where the samples show it. One file a subject, and one line here to register it.
"""

from daskbench.findings import (
    benchmarks,
    hardware,
    identity,
    machine,
    memory,
    run,
    samples,
)
from daskbench.findings.rules import Rule

#: The most telling first.
RULES: tuple[Rule, ...] = (
    *run.RULES,
    *memory.RULES,
    *benchmarks.RULES,
    *hardware.RULES,
    *samples.RULES,
    *identity.RULES,
    *machine.RULES,
)
