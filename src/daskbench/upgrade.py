"""Conversion of journal headers of earlier versions to the latest.

`daskbench.events.VERSIONS` lists what each version added. Only headers need a conversion.
"""

from typing import Any

import msgspec

from daskbench.events import SCHEMA, Header

#: Before this version, a suite's fields and benchmarks implied its experiment.
_EXPERIMENTS = 4


class _Schema(msgspec.Struct):
    """The fields of a header that every version has."""

    schema: int
    event: str


def schema_of(line: bytes) -> int:
    """Return the version of the format of a header; raises msgspec's errors."""
    return msgspec.json.decode(line, type=_Schema).schema


def decode_header(line: bytes) -> Header:
    """Decode a header of this version or an earlier one; raises msgspec's errors."""
    schema = schema_of(line)
    if not 0 < schema < _EXPERIMENTS:
        return msgspec.json.decode(line, type=Header)
    raw = msgspec.json.decode(line)
    raw.pop("event")
    for suite in _tables(_table(raw.get("plan")).get("suites")):
        _name_experiment(suite)
    return msgspec.convert({**raw, "event": "header", "schema": min(schema, SCHEMA)}, Header)


def _name_experiment(suite: dict[str, Any]) -> None:
    """Set a suite's experiment, and mark its reference cases."""
    cases = _tables(suite.get("cases"))
    for case in cases:
        if case.get("benchmark") == "hardware":
            case["reference"] = True
    launches = suite.pop("compared_launches", 0)
    if suite.pop("search", False):
        suite |= {"experiment": {"kind": "limit"}, "race": False, "trial": True}
    elif launches:
        suite["experiment"] = {"kind": "calibration", "options": {"launches": launches}}
    elif any(_table(case.get("side")).get("name") for case in cases):
        suite["experiment"] = {"kind": "ab"}
    elif cases and all(case.get("benchmark") == "thresholds" for case in cases):
        suite |= {"experiment": {"kind": "thresholds"}, "race": False}


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
