"""Options and benchmarks.toml to a plan. Both speak the same names and are read the same way."""

from daskbench.config.file import FILE, SuiteFile
from daskbench.config.keys import HOW, KEYS, WHERE, Key, parameter_key
from daskbench.config.suites import make_suite

__all__ = ["FILE", "HOW", "KEYS", "WHERE", "Key", "SuiteFile", "make_suite", "parameter_key"]
