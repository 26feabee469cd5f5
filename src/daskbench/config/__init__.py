"""Options and benchmarks.toml to a plan. Both speak the same names and are read the same way."""

from daskbench.config.file import FILE, SuiteFile
from daskbench.config.keys import HOW, KEYS, THRESHOLDS, WHERE, Key, option_name, parameter_key
from daskbench.config.places import check_room
from daskbench.config.preflight import Forecast, describe, fit, forecasts_of
from daskbench.config.suites import make_suite

__all__ = [
    "FILE",
    "HOW",
    "KEYS",
    "THRESHOLDS",
    "WHERE",
    "Forecast",
    "Key",
    "SuiteFile",
    "check_room",
    "describe",
    "fit",
    "forecasts_of",
    "make_suite",
    "option_name",
    "parameter_key",
]
