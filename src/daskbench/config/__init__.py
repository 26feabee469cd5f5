"""Options and benchmarks.toml to a plan. Both speak the same names and are read the same way."""

from daskbench.config.calibration import make_calibration
from daskbench.config.file import FILE, SuiteFile
from daskbench.config.keys import (
    CALIBRATION,
    HOW,
    KEYS,
    SEARCH,
    THRESHOLDS,
    WHERE,
    Key,
    option_name,
    parameter_key,
)
from daskbench.config.names import RESERVED, check_names
from daskbench.config.places import check_room
from daskbench.config.preflight import BASE_BYTES, Forecast, describe, fit, forecasts_of
from daskbench.config.sides import check_shared, make_sides, on_both
from daskbench.config.suites import limits_between, make_search, make_suite, share_of_a_worker
from daskbench.config.together import Room, find_room

__all__ = [
    "BASE_BYTES",
    "CALIBRATION",
    "FILE",
    "HOW",
    "KEYS",
    "RESERVED",
    "SEARCH",
    "THRESHOLDS",
    "WHERE",
    "Forecast",
    "Key",
    "Room",
    "SuiteFile",
    "check_names",
    "check_room",
    "check_shared",
    "describe",
    "find_room",
    "fit",
    "forecasts_of",
    "limits_between",
    "make_calibration",
    "make_search",
    "make_sides",
    "make_suite",
    "on_both",
    "option_name",
    "parameter_key",
    "share_of_a_worker",
]
