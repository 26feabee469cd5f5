"""Recipes and the citation say what pyproject.toml says, and their commands are valid."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]

from daskbench import __version__
from daskbench.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RECIPE: dict[str, Any] = yaml.safe_load((PACKAGING / "conda" / "recipe.yaml").read_text("utf-8"))
#: Packages with another name on conda-forge; its dask comes with pandas and bokeh.
ON_CONDA = {"dask": "dask-core"}


def test_the_recipe_requires_what_the_project_requires() -> None:
    split = [re.fullmatch(r"([\w-]+)(>=.+)", word) for word in PROJECT["dependencies"]]
    asked = [f"{ON_CONDA.get(found[1], found[1])} {found[2]}" for found in split if found]
    assert len(asked) == len(split)
    assert RECIPE["requirements"]["run"] == ["python >=${{ python_min }}", *asked]
    assert PROJECT["requires-python"] == f">={RECIPE['context']['python_min']}"


def test_the_recipe_has_the_version_and_the_commands() -> None:
    assert RECIPE["context"]["version"] == __version__
    entries = [f"{name} = {place}" for name, place in PROJECT["scripts"].items()]
    assert RECIPE["build"]["python"]["entry_points"] == entries
    assert RECIPE["about"]["summary"] == PROJECT["description"]
    assert RECIPE["about"]["license"] == PROJECT["license"]


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert (citation["version"], citation["license"]) == (__version__, PROJECT["license"])


@pytest.mark.parametrize("name", ["Dockerfile", "daskbench.def"])
def test_images_have_the_versions_that_are_tested_and_what_the_build_reads(name: str) -> None:
    text = (PACKAGING / name).read_text("utf-8")
    version = re.search(r"python:(3\.\d+)-slim", text)
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in PROJECT["classifiers"]
    assert "--constraint" in text
    ignored = (PACKAGING / "Dockerfile.dockerignore").read_text("utf-8")
    for needed in ("src", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        assert f"!{needed}\n" in ignored
        assert (ROOT / needed).exists()


def commands() -> list[str]:
    """The commands of daskbench in the recipes and on the page about them."""
    files = [path for path in sorted(PACKAGING.rglob("*")) if path.is_file()]
    texts = [path.read_text("utf-8") for path in files if path.suffix != ".pyc"]
    found = re.findall(r"^[\s-]*(?:exec )?daskbench ([a-z-][^\n\"]*)$", "\n".join(texts), re.M)
    return [line for line in found if not line.startswith("=")]


@pytest.mark.parametrize("line", commands())
def test_commands_in_recipes_are_valid(line: str) -> None:
    name, *words = shlex.split(line)
    if name == "--version":
        return
    assert name in COMMANDS
    command = main.get_command(click.Context(main), name)
    assert command is not None
    command.make_context(name, words, resilient_parsing=True)
    known = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= known
