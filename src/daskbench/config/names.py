"""Names that a parameter of a benchmark can't have, as options or result columns have them."""

from collections.abc import Iterable

from daskbench.asking import subject
from daskbench.benchmarks.base import Parameter
from daskbench.config.keys import ANY, option_name
from daskbench.errors import UsageError
from daskbench.events import Sample
from daskbench.model import Case

_OF_A_SIDE = ("status", "samples", "mean_s", "std_s", "median_s", "min_s")
#: Options that are not keys, names of commands' values, and columns of the results:
#: tests/unit/config/test_reserved_names.py checks them against their definitions.
RESERVED = {
    *ANY,
    *(f"no-{name}" for name, key in ANY.items() if key.flag),
    *(key.off for key in ANY.values() if key.off),
    *(f"{side}_{name}" for side in "ab" for name in _OF_A_SIDE),
    *("from", "to", "comparisons", "slowdown", "config_a", "experiment"),
    *Case.__struct_fields__,
    *Sample.__struct_fields__,
    *("columns", "explain"),
    *("help", "file", "format", "view", "store", "force", "published", "against", "run_options"),
    *("seed", "dry_run", "no_progress", "csv", "json", "markdown", "html"),
    *("timeline", "events", "samples"),
    *(
        "graph",
        "performance_report",
        "margin",
        "fail_if",
        "inconclusive_ok",
        "gate",
        "param",
        "params",
    ),
    *("python", "env_a", "env_b", "config_a", "config_b", "description", "suites"),
    *("cluster_option_a", "cluster_option_b", "sizes"),
    *("invalid_samples", "mean_s", "std_s", "median_s", "min_s", "max_s", "tasks_expected"),
    *("flops_per_s", "dgemm_share", "bytes_per_s", "notes", "suite", "values"),
    *("outcome", "price", "chosen", "held_bytes", "spilled_bytes", "written_bytes", "read_bytes"),
    *(
        "spill_s",
        "shuffled_bytes",
        "paused_s",
        "workers_ended",
        "documented_fraction",
        "observed_fraction",
    ),
    *("delay_s", "documented", "observed", "differences", "verdict", "paired", "a", "b"),
    *("ratio", "ratio_low", "ratio_high", "efficiency", "status", "startup_s", "run_id"),
}
_TAKEN = {option_name(name).lower() for name in RESERVED}


def check_names(benchmark: str, parameters: Iterable[str]) -> None:
    """Raise UsageError if a parameter has a reserved name."""
    for name in parameters:
        if is_reserved(name):
            raise UsageError(
                f"{benchmark}: rename its parameter '{name}'; an option or a column of the results "
                "has that name"
            )


def usable_parameters(benchmark: str) -> dict[str, Parameter]:
    """Return the parameters of a benchmark without optional ones that have a reserved name.

    Raises UsageError if another one has.
    """
    found = subject(benchmark).parameters
    usable = {n: one for n, one in found.items() if not (one.optional and is_reserved(n))}
    check_names(benchmark, usable)
    return usable


def is_reserved(name: str) -> bool:
    """Whether an option or a column of the results has the name of a parameter."""
    return option_name(name).lower() in _TAKEN
