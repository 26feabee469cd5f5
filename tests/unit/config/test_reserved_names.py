"""Names that no parameter can have are those of the real options and columns, and no others."""

import inspect
import re
from collections.abc import Iterator

import click
import pytest

from daskbench.asking import subject
from daskbench.benchmarks import BENCHMARKS
from daskbench.cli import main
from daskbench.config import RESERVED, check_names, file, option_name
from daskbench.document import records
from daskbench.errors import UsageError
from daskbench.events import Sample
from daskbench.experiments.ab import document as ab
from daskbench.experiments.limit import rows as limit
from daskbench.experiments.thresholds import rows as thresholds
from daskbench.model import Case

#: Names of a suite in benchmarks.toml that are no options.
SUITE = {*file._SUITE_KEYS}
OURS = {name for benchmark in BENCHMARKS for name in subject(benchmark).parameters}


def options() -> Iterator[str]:
    """Names of the options beside which a benchmark's parameters are options, and their values."""
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        assert command
        if any(option.name == "dry_run" for option in command.params):
            for option in command.params:
                names = (*option.opts, *option.secondary_opts)
                yield from (one.lstrip("-") for one in names if one.startswith("--"))
                yield str(option.name)
            yield from inspect.signature(command.callback or main).parameters
            yield from (f"no-{option.name}" for option in command.params if option.secondary_opts)


def columns() -> Iterator[str]:
    """Names of the columns among which the parameters are, and of a table of samples."""
    for written in (records._where_known, limit.record_of, thresholds.record_of, records.row_of):
        yield from re.findall(r'"([a-z_]+)":', inspect.getsource(written))
    yield from re.findall(r'"([a-z_]+)":', inspect.getsource(ab.record_of))
    yield from ab._of_side("a", None)
    yield from ab._of_side("b", None)
    yield from (*Sample.__struct_fields__, *Case.__struct_fields__)


def test_every_option_and_every_column_is_reserved() -> None:
    for name in {option_name(name) for name in (*options(), *columns(), *SUITE)}:
        if name.replace("-", "_") not in OURS | {"more", "rest"}:
            with pytest.raises(UsageError, match="rename its parameter"):
                check_names("own.py:Own", [name.replace("-", "_").upper()])


def test_nothing_else_is_reserved() -> None:
    real = {option_name(name) for name in (*options(), *columns(), *SUITE)}
    assert {option_name(name) for name in RESERVED} - real == {"help"}


def test_our_own_parameters_are_not() -> None:
    for benchmark in BENCHMARKS:
        check_names(benchmark, subject(benchmark).parameters)
