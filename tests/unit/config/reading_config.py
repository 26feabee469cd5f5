"""What several tests of config share."""

from pathlib import Path
from typing import Any

import pytest

from daskbench.benchmarks import find_benchmark
from daskbench.config import KEYS, SuiteFile, make_suite, option_name, parameter_key
from daskbench.errors import UsageError
from daskbench.experiments import experiment
from daskbench.model import Case, Suite
from tests.unit.builders import here


def read(values: dict[str, object], benchmark: str = "calc_mean") -> dict[str, Any]:
    """Read option values as the command line does."""
    parameters = find_benchmark(benchmark).parameters
    keys = KEYS | {option_name(name): parameter_key(p) for name, p in parameters.items()}
    return {name: keys[name].read(value) for name, value in values.items()}


def suite_of(benchmark: str = "calc_mean", cores: int = 4, **values: Any) -> Suite:
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return make_suite("suite", benchmark, read(named, benchmark), lambda: cores)


def places(cases: tuple[Case, ...]) -> list[str]:
    return [case.place for case in cases]


def file_of(text: str) -> SuiteFile:
    return SuiteFile(Path("benchmarks.toml"), text, experiment)


def suite_in(text: str, name: str = "s", **overrides: object) -> Suite:
    return file_of(text).make(name, read(overrides), here(4))


def message_of(text: str) -> str:
    with pytest.raises(UsageError) as error:
        file_of(text)
    return str(error.value)
