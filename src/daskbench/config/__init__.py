"""Turn options and benchmarks.toml into a plan. Both use the same names and the same parsers."""

from daskbench.config.clusters import cluster_of, in_turns, options_of_side
from daskbench.config.file import FILE, SuiteFile
from daskbench.config.keys import (
    ANY,
    HOW,
    KEYS,
    THRESHOLDS,
    WHERE,
    WORK,
    Key,
    option_name,
    parameter_key,
)
from daskbench.config.names import RESERVED, check_names, is_reserved, usable_parameters
from daskbench.config.placement import check_room
from daskbench.config.preflight import BASE_BYTES, Forecast, describe, fit, forecasts_of
from daskbench.config.sides import check_shared, make_sides, on_both, supply
from daskbench.config.suites import ENOUGH, make_suite, settings_for
from daskbench.config.targets import whole_target
from daskbench.config.together import Room, find_room

__all__ = [
    "ANY",
    "BASE_BYTES",
    "ENOUGH",
    "FILE",
    "HOW",
    "KEYS",
    "RESERVED",
    "THRESHOLDS",
    "WHERE",
    "WORK",
    "Forecast",
    "Key",
    "Room",
    "SuiteFile",
    "check_names",
    "check_room",
    "check_shared",
    "cluster_of",
    "describe",
    "find_room",
    "fit",
    "forecasts_of",
    "in_turns",
    "is_reserved",
    "make_sides",
    "make_suite",
    "on_both",
    "option_name",
    "options_of_side",
    "parameter_key",
    "settings_for",
    "supply",
    "usable_parameters",
    "whole_target",
]
