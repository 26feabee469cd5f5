"""The JSON Schemas of benchmarks.toml and journals are current, and accept what is read."""

import json
import lzma
import re
import runpy
import tomllib
import typing
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from daskbench.events import Line

ROOT = Path(__file__).parents[2]
MADE = runpy.run_path(str(ROOT / "docs" / "schema.py"))
REFERENCE = ROOT / "docs" / "reference"
SCHEMA = json.loads((REFERENCE / "benchmarks.schema.json").read_text(encoding="utf-8"))
JOURNAL = json.loads((REFERENCE / "journal.schema.json").read_text(encoding="utf-8"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))
FILES = [
    ROOT / "benchmarks.toml",
    ROOT / "src" / "daskbench" / "benchmarks.toml",
    *(ROOT / "examples").glob("*.toml"),
]


def fails(content: dict[str, Any]) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(content)]


def test_schemas_are_current() -> None:
    for path, text in MADE["files"]().items():
        assert text == path.read_text("utf-8"), f"python docs/schema.py writes {path.name}"


def test_schemas_are_schemas() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(JOURNAL)


def test_lines_of_a_journal_are_valid() -> None:
    name = "20261126-095523-schedulers-264a.jsonl.xz"
    lines = lzma.decompress((ROOT / "docs" / "journals" / name).read_bytes()).splitlines()
    validator = jsonschema.Draft202012Validator(JOURNAL)
    for line in (*lines[:20], *lines[-3:]):
        validator.validate(json.loads(line))
    for wrong in ('{"event": "sample"}', '{"event": "nothing"}', "{}"):
        assert not validator.is_valid(json.loads(wrong))


def test_every_event_and_field_of_a_journal_is_described() -> None:
    page = (REFERENCE / "journal.md").read_text(encoding="utf-8")
    for event in typing.get_args(Line):
        assert f"## `{event.__struct_config__.tag}`" in page
        section = page.partition(f"## `{event.__struct_config__.tag}`")[2].partition("\n## ")[0]
        assert [name for name in event.__struct_fields__ if f"`{name}`" not in section] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_come_along_are_valid(path: Path) -> None:
    assert fails(tomllib.loads(path.read_text(encoding="utf-8"))) == []


def test_suites_on_the_pages_are_valid() -> None:
    shown = [
        text
        for path in PAGES
        for text in re.findall(r"```toml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    ]
    assert shown
    assert [fails(tomllib.loads(text)) for text in shown] == [[]] * len(shown)


@pytest.mark.parametrize(
    "text",
    [
        "[default]\nrounds = 3",
        "[defaults]\nround = 3",
        "[defaults]\nrounds = true",
        "[defaults]\nmemory = 'yes'",
        "[suites.a]\nrounds = 3",
        "[suites.a]\nbenchmark = 'svd'\nexperiment = 'speed'",
        "[suites.a]\nbenchmark = 'svd'\nworkers = [1, true]",
        "[suites.a]\nsuites = []",
        "[suites.a]\nbenchmark = 'calc_mean'\npublished = [{ scheduler = 'numpy' }]",
    ],
)
def test_what_the_program_refuses_is_not_valid(text: str) -> None:
    assert fails(tomllib.loads(text))
