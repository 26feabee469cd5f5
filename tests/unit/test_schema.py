"""The JSON Schema of benchmarks.toml is current, and accepts what the program reads."""

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).parents[2]
MADE = runpy.run_path(str(ROOT / "docs" / "schema.py"))
SCHEMA = json.loads(MADE["FILE"].read_text(encoding="utf-8"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))
FILES = [
    ROOT / "benchmarks.toml",
    ROOT / "src" / "daskbench" / "benchmarks.toml",
    *(ROOT / "examples").glob("*.toml"),
]


def fails(content: dict[str, Any]) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(content)]


def test_the_schema_is_current() -> None:
    assert MADE["text"]() == MADE["FILE"].read_text("utf-8"), "python docs/schema.py writes it"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


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
