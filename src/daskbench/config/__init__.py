"""Options and benchmarks.toml to a plan. Both speak the same names and are read the same way."""

from daskbench.config.file import FILE, SuiteFile
from daskbench.config.keys import HOW, KEYS, WHERE, Key, option_name, parameter_key
from daskbench.config.preflight import Forecast, describe, fit, forecasts_of
from daskbench.config.suites import make_suite

__all__ = [
    "FILE",
    "HOW",
    "KEYS",
    "WHERE",
    "Forecast",
    "Key",
    "SuiteFile",
    "describe",
    "fit",
    "forecasts_of",
    "make_suite",
    "option_name",
    "parameter_key",
]
