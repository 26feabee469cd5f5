"""Findings of any experiment: what disturbed a run, or would surprise its reader, one line each.

Only what the samples show is reported. One file per subject, and one line here to register it.
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

#: The most informative first.
RULES: tuple[Rule, ...] = (
    *run.RULES,
    *memory.RULES,
    *benchmarks.RULES,
    *hardware.RULES,
    *samples.RULES,
    *identity.RULES,
    *machine.RULES,
)
