"""A hostile journal, one kind of text after the other, through every command that reads one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from daskbench.events import Blas, CaseFailed, Event, Identity, Setting
from daskbench.model import Plan
from tests.unit.builders import (
    NUMPY_S,
    make_case,
    make_event,
    make_lane,
    make_reading,
    make_run,
    make_suite,
    timed,
)
from tests.unit.formats.hostile import HOSTILE
from tests.unit.formats.webpage.parsed import Page

IDENTITY = Identity({"k": Setting("v", "s", "d")}, {"V": "v"}, {"S": "s"}, {"A": "a"}, {"F": "f"})
FORMATS = ("table", "plain", "markdown", "csv", "json")
EXPORTS = ("csv", "json", "markdown", "timeline", "events", "pyperf", "hyperfine")
FILES = ("--pytest-benchmark", *(f"--{name}" for name in EXPORTS))


def commands(run: str) -> Iterator[tuple[str, ...]]:
    yield ("list",)
    yield ("show", run, "--failures")
    yield from (("show", run, "--format", one) for one in FORMATS)
    yield from (("compare", run, run, "--format", one) for one in FORMATS)
    yield from (("export", run, file, "-") for file in FILES)
    yield ("export", run, "--samples", "--csv", "-")
    yield ("report", run, "--force")
    yield ("resume", run)


def journal(folder: Path) -> Path:
    cases = (make_case("numpy", text="t"), make_case(workers=2, text="t"))
    lanes = [
        make_lane(n, versions={"dask": "1"}, notes=("n",), blas=(Blas("api", 1, "v"),))
        for n in (0, 1)
    ]
    events: list[Event] = [
        *(type(lane)(**_fields(lane) | {"identity": IDENTITY}) for lane in lanes),
        *timed(0, NUMPY_S, figures={"error": 1.0}, note="n"),
        make_reading(),
        make_event("paused"),
        CaseFailed(1, "running", "a reason", "a detail"),
    ]
    plan = Plan((make_suite(*cases, name="s"),))
    environment: dict[str, Any] = {
        "host": "h",
        "cpu": "c",
        "python": "p",
        "versions": {"dask": "1"},
    }
    return make_run(folder, events, plan, **environment).path


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def texts(value: Any, key: str = "") -> set[str]:
    """The names of the fields that hold text."""
    if isinstance(value, dict):
        return {name for k, inner in value.items() for name in texts(inner, k)}
    if isinstance(value, list):
        return {name for inner in value for name in texts(inner, key)}
    return {key} if isinstance(value, str) else set()


def replaced(value: Any, name: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: replaced(inner, name, k) for k, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, name, key) for inner in value]
    return HOSTILE if isinstance(value, str) and key == name else value


def test_no_command_writes_what_a_terminal_obeys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = journal(tmp_path / ".daskbench")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    names = {name for line in lines for name in texts(line)}
    assert {"benchmark", "scheduler", "run_id", "state", "phase", "reason", "started"} <= names
    for name in sorted(names):
        hostile = [json.dumps(replaced(line, name)) for line in lines]
        path.write_text("\n".join(hostile) + "\n")
        for command in commands(path.stem):
            result = CliRunner().invoke(main, command)
            where = f"{name}: {' '.join(command)}: {result.exception!r}"
            assert result.exception is None or isinstance(result.exception, SystemExit), where
            bad = {c for c in result.output if not (c.isprintable() or c in "\n\r")}
            assert not bad, where
            assert "Traceback" not in result.output, where
        check_page(tmp_path / "report.html", name)


def check_page(path: Path, name: str) -> None:
    """No text of a journal has made an element, an attribute or a script of its own."""
    if path.exists():
        page = Page(path.read_text("utf-8"))
        path.unlink()
        assert page.loaded == [], name
        assert len(page.scripts) <= 2, name
        attributes = {one for element in page.elements for one in element.attributes}
        assert not [one for one in attributes if one.startswith("on")], name
        assert "x" not in [one.text for one in page.all("script")], name
