"""Hostile works beside an innocent one: they cost their own rows, and leave nothing."""

import json
from pathlib import Path

import psutil
import pytest

from .hostile import ACCOUNTS, DEEDS, LASTING
from .tool import Tool

pytestmark = pytest.mark.real

SUITE = """
[suites.hostile]
benchmark = "{file}:Hostile"
schedulers = ["numpy"]
deed = {deeds}
rounds = 5
timeout = "4s"
"""


def test_hostile_works_cost_their_own_rows(tool: Tool) -> None:
    file = Path(__file__).with_name("hostile.py")
    suite = SUITE.format(file=file, deeds=json.dumps([*DEEDS, *ACCOUNTS]))
    (tool.folder / "benchmarks.toml").write_text(suite, encoding="utf-8")
    done = tool.start("run").wait(240.0)
    assert done.code == 1
    assert "Traceback" not in done.out + done.err
    rows = {case["parameters"]["deed"]: case for case in tool.results()["cases"]}
    assert rows["nothing"]["samples"] == 5
    failing = {deed for deed, (_, fails) in DEEDS.items() if fails} | {*ACCOUNTS}
    assert {deed for deed, row in rows.items() if row["status"] != "ok"} == failing
    assert all(rows[deed]["reason"] for deed in failing)
    assert tool.read().status == "complete"
    assert tool.left_behind() == []
    sleeping = [p for p in psutil.process_iter(["cmdline"]) if LASTING in (p.info["cmdline"] or [])]
    assert sleeping == []
