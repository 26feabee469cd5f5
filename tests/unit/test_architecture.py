"""The direction of imports, and what the help promises."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import daskbench
from daskbench.cli import COMMANDS, main

ROOT = Path(daskbench.__file__).parent

#: Each floor, the floors of ours that it may import beside itself, and the packages of others.
FLOORS: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "harmless": (set(), set()),
    "paths": ({"errors", "harmless"}, set()),
    "secrecy": (set(), set()),
    "ranges": ({"units"}, {"msgspec"}),
    "keywords": (set(), set()),
    "model": ({"keywords", "ranges", "units"}, {"msgspec"}),
    "units": ({"errors"}, set()),
    "account": ({"lane.protocol", "ranges"}, {"msgspec"}),
    "events": ({"account", "model", "ranges"}, {"msgspec"}),
    "launches": ({"model"}, set()),
    "upgrade": ({"events"}, {"msgspec"}),
    "cgroups": (set(), set()),
    "resources": ({"cgroups"}, set()),
    "ranks": (set(), set()),
    "batch": (set(), set()),
    "environment": ({"batch", "errors", "resources"}, {"dask", "psutil"}),
    "identity": ({"events", "secrecy"}, set()),
    "trust": ({"events", "upgrade"}, {"msgspec"}),
    "vault": ({"errors", "secrecy"}, set()),
    "interpreters": ({"errors", "model", "vault"}, set()),
    "benchmarks": (
        {"errors", "resources", "units"},
        {
            "cloudpickle",
            "dask",
            "distributed",
            "numpy",
            "pandas",
            "psutil",
            "threadpoolctl",
            "xarray",
        },
    ),
    "lane": (
        {"benchmarks", "cgroups", "errors", "ranks", "resources", "secrecy", "units"},
        {
            *("asyncssh", "cloudpickle", "dask", "dask_jobqueue", "distributed", "gilknocker"),
            *("numpy", "psutil", "threadpoolctl"),
        },
    ),
    "asking": (
        {"benchmarks", "errors", "lane.causes", "lane.deploy", "lane.probes.tasks", "lane.work"},
        {"msgspec"},
    ),
    "config": (
        {
            "asking",
            "benchmarks",
            "errors",
            "events",
            "harmless",
            "keywords",
            "lane.deploy",
            "lane.schedulers",
            "model",
            "paths",
            "ranges",
            "resources",
            "secrecy",
            "stats.tables",
            "trust",
            "units",
            "vault",
        },
        {"msgspec"},
    ),
    "journal": (
        {"account", "errors", "events", "harmless", "model", "paths", "ranges", "units", "upgrade"},
        {"msgspec", "numpy", "pandas"},
    ),
    "processes": (
        {
            "cgroups",
            "errors",
            "harmless",
            "lane.probes.blas",
            "lane.probes.tree",
            "lane.protocol",
            "model",
            "resources",
            "units",
            "vault",
        },
        {"msgspec", "psutil"},
    ),
    "conductor": (
        {
            "account",
            "cgroups",
            "errors",
            "events",
            "identity",
            "journal.run",
            "keywords",
            "lane.deploy",
            "lane.protocol",
            "launches",
            "model",
            "processes.talk",
            "resources",
            "stats.looks",
            "stats.precision",
            "stats.ratio",
            "stats.tables",
            "stats.verdict",
            "units",
        },
        {"msgspec", "psutil"},
    ),
    "stats": (
        {
            "account",
            "events",
            "harmless",
            "identity",
            "journal",
            "lane.schedulers",
            "launches",
            "model",
            "units",
        },
        {"msgspec", "numpy", "scipy"},
    ),
    "document": (
        {"account", "events", "journal", "model", "stats", "units"},
        {"msgspec"},
    ),
    "formats": (
        {"document", "harmless", "journal", "stats", "units"},
        {"bokeh", "numpy", "pandas", "rich"},
    ),
    "findings": (
        {
            "account",
            "benchmarks",
            "document",
            "harmless",
            "identity",
            "journal",
            "lane.schedulers",
            "launches",
            "model",
            "stats",
            "units",
        },
        {"numpy"},
    ),
    "experiments": (
        {
            "account",
            "asking",
            "benchmarks",
            "conductor",
            "config",
            "document",
            "errors",
            "events",
            "findings",
            "interpreters",
            "journal",
            "lane.deploy",
            "lane.schedulers",
            "launches",
            "model",
            "ranges",
            "secrecy",
            "stats",
            "trust",
            "units",
        },
        {"msgspec", "numpy", "scipy"},
    ),
    "cli": (
        {
            "asking",
            "benchmarks",
            "conductor",
            "config",
            "document",
            "environment",
            "errors",
            "events",
            "experiments",
            "formats",
            "harmless",
            "identity",
            "interpreters",
            "journal",
            "lane.causes",
            "lane.deploy",
            "lane.probes.blas",
            "lane.probes.configuration",
            "lane.probes.identity",
            "lane.probes.sources",
            "lane.probes.tasks",
            "lane.protocol",
            "lane.schedulers",
            "launches",
            "model",
            "paths",
            "processes",
            "ranks",
            "resources",
            "secrecy",
            "stats",
            "trust",
            "units",
            "vault",
        },
        {"click", "msgspec", "psutil", "rich"},
    ),
    "api": (
        {
            "asking",
            "benchmarks",
            "cli",
            "conductor.conduct",
            "config",
            "document",
            "environment",
            "errors",
            "experiments",
            "formats",
            "harmless",
            "journal",
            "model",
            "paths",
            "stats.names",
            "stats.verdict",
            "units",
        },
        {"dask", "distributed", "pandas", "rich"},
    ),
    "notebook": ({"api", "cli", "errors", "harmless"}, {"IPython", "click"}),
    "pytest_plugin": ({"api"}, {"pytest"}),
    "__init__": ({"api", "benchmarks.base", "errors", "notebook"}, set()),
    "__main__": ({"cli"}, set()),
}

FILES = sorted(ROOT.rglob("*.py"))


def floor_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            submodules = ROOT.parent / Path(*node.module.split("."))
            for alias in node.names:
                is_module = (submodules / alias.name).is_dir() or (
                    submodules / f"{alias.name}.py"
                ).exists()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def is_inside(module: str, floor: str) -> bool:
    return f"{module}.".startswith(f"daskbench.{floor}.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    floor = floor_of(path)
    ours, others = FLOORS[floor]
    for module in imports_of(path):
        top = module.partition(".")[0]
        if top == "daskbench":
            allowed = module == "daskbench" or any(is_inside(module, f) for f in {floor, *ours})
            assert allowed, f"{floor} imports {module}"
        elif top not in sys.stdlib_module_names:
            assert top in others, f"{floor} imports {module}"


def test_experiments_do_not_import_each_other() -> None:
    """What two of them need goes down. Their report, which joins all, is no experiment."""
    for path in (ROOT / "experiments").glob("*/*.py"):
        own = f"experiments.{path.parent.name}"
        for module in imports_of(path):
            inside = is_inside(module, "experiments") and not is_inside(module, own)
            assert not inside or is_inside(module, "experiments.base"), f"{path} imports {module}"


def test_the_table_of_floors_has_no_circle() -> None:
    """Each floor stands above all that it names: so the table can be put in an order."""
    left = {floor: {name.partition(".")[0] for name in ours} for floor, (ours, _) in FLOORS.items()}
    while left:
        lowest = {floor for floor, below in left.items() if not below & left.keys()}
        assert lowest, f"a circle in {sorted(left)}"
        left = {floor: below for floor, below in left.items() if floor not in lowest}


def test_every_floor_of_the_table_is_there() -> None:
    assert {floor_of(path) for path in FILES} == set(FLOORS)


def test_the_reaper_needs_the_standard_library_alone() -> None:
    assert all(
        module in sys.stdlib_module_names for module in imports_of(ROOT / "processes" / "reaper.py")
    )


def test_what_travels_to_clusters_imports_distributed_alone() -> None:
    modules = set(imports_of(ROOT / "lane" / "probes" / "watch.py"))
    assert modules == {"collections.abc", "typing", "distributed"}


def test_commands_print_through_what_makes_text_harmless() -> None:
    """Lines through `say`; what views made harmless through `output` and `files`."""
    prints = {
        path.name for path in (ROOT / "cli").rglob("*.py") if "echo(" in path.read_text("utf-8")
    }
    assert prints <= {"say.py", "output.py", "files.py"}, (
        "use daskbench.cli.say.say instead of click.echo"
    )


def test_there_are_no_utils() -> None:
    names = {part.lower() for path in FILES for part in path.with_suffix("").parts}
    assert not names & {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


# Commands


def command_of(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


def sentence_of(command: click.Command) -> str:
    """The first sentence of a command's help, without its end."""
    assert command.help is not None
    return " ".join(command.help.split("\n\n")[0].split()).rstrip(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_line_is_how_its_own_help_begins(name: str) -> None:
    assert sentence_of(command_of(name)).startswith(COMMANDS[name].rstrip("."))


def test_every_file_of_a_command_is_registered() -> None:
    with_command = {
        path.stem
        for path in (ROOT / "cli" / "commands").glob("*.py")
        if "\ndef command(" in path.read_text(encoding="utf-8")
    }
    assert with_command == {name.replace("-", "_") for name in COMMANDS}
