"""The wheel and the sdist work in an environment that has nothing else; and so do the examples."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
TINY = ("--n", "1000", "--tasks", "10", "--rounds", "3", "--no-progress")
MEASURED = ("schedulers", *TINY, "--schedulers", "numpy,threads", "--workers", "1")


def run(*words: object, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command as a stranger would: nothing of this environment is on its path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**kept, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist, and the wheel that is built from what is in it."""
    folder = tmp_path_factory.mktemp("packages")
    hatchling = (sys.executable, "-m", "hatchling", "build", "-d", folder / "dist")
    run(*hatchling, "-t", "sdist", folder=ROOT)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", **safely)  # Python 3.11.2 has no filters
    (source,) = (folder / "source").iterdir()
    run(*hatchling, "-t", "wheel", folder=source)
    (wheel,) = (folder / "dist").glob("*.whl")
    return {"sdist": sdist, "wheel": wheel, "source": source}


def test_what_is_in_them(packages: dict[str, Path]) -> None:
    with zipfile.ZipFile(packages["wheel"]) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"daskbench"}
    assert {"daskbench/py.typed", "daskbench/benchmarks.toml"} <= {*names}
    inside = {path.name for path in packages["source"].iterdir()}
    assert {"src", "tests", "docs", "packaging", "README.md", "LICENSE", "CITATION.cff"} <= inside
    assert ".ci" not in inside


def test_they_run_in_a_bare_environment(packages: dict[str, Path], tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "bare", folder=tmp_path)
    binaries = tmp_path / "bare" / "bin"
    pip = (binaries / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(
        *(*pip, "install", "--no-compile", "--constraint", ROOT / "constraints.txt"),
        packages["wheel"],
        folder=tmp_path,
    )
    where = ("--schedulers", "numpy,threads,distributed", "--workers", "1")
    out = run(binaries / "daskbench", "schedulers", *TINY, *where, folder=tmp_path)
    assert "distributed × 1" in out
    assert run(binaries / "dask", "bench", "show", folder=tmp_path) == out
    run(*pip, "check", folder=tmp_path)

    run(*pip, "uninstall", "--yes", "daskbench", folder=tmp_path)
    run(*pip, "install", "--no-compile", "--no-deps", packages["sdist"], folder=tmp_path)
    assert run(binaries / "python", "-m", "daskbench", "show", folder=tmp_path) == out


@pytest.mark.parametrize(
    ("tool", "words"), [("pipx", ("run", "--spec")), ("uvx", ("--from",))], ids=["pipx", "uvx"]
)
def test_tools_that_run_a_package_run_the_wheel(
    packages: dict[str, Path], tmp_path: Path, tool: str, words: tuple[str, ...]
) -> None:
    """Both come with the extra packages, which make test installs."""
    found = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not found:
        pytest.skip(f"there is no {tool} here")
    settings = {name: str(tmp_path / name) for name in ("PIPX_HOME", "UV_CACHE_DIR")}
    settings |= {
        name: str(ROOT / "constraints.txt") for name in ("PIP_CONSTRAINT", "UV_CONSTRAINT")
    }
    settings |= as_pip_has_it()
    end = ("--",) if tool == "pipx" else ()  # or pipx reads the options as its own
    command = (found, *words, packages["wheel"], *end, "daskbench", *MEASURED)
    out = run(*command, folder=tmp_path, environment={**settings, "PIP_NO_COMPILE": "1"})
    assert "threads × 1" in out


def as_pip_has_it() -> dict[str, str]:
    """Return where pip finds packages here, for uv, which has settings of its own."""
    pip = (sys.executable, "-m", "pip", "config", "get", "global.index-url")
    index = subprocess.run(pip, capture_output=True, text=True, check=False).stdout.strip()
    return {"UV_SYSTEM_CERTS": "1", **({"UV_DEFAULT_INDEX": index} if index else {})}


@pytest.mark.parametrize("recipe", ["Dockerfile", "daskbench.def"])
def test_what_a_container_is_built_from_is_enough(recipe: str, tmp_path: Path) -> None:
    """The files that reach the build are enough for a wheel of all of the package."""
    for name in copied(recipe):
        place = ROOT / name
        copy = shutil.copytree if place.is_dir() else shutil.copy
        copy(place, tmp_path / name)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", folder=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("daskbench/")}
    package = ROOT / "src"
    ours = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert inside == {name for name in ours if "__pycache__" not in name}


def copied(recipe: str) -> list[str]:
    """The names in the root folder that a container's recipe copies."""
    if recipe == "Dockerfile":
        ignored = (ROOT / "packaging" / "Dockerfile.dockerignore").read_text("utf-8").split()
        assert ignored[0] == "*"
        return [word.removeprefix("!") for word in ignored[1:]]
    text = (ROOT / "packaging" / recipe).read_text("utf-8")
    files = text.partition("%files")[2].partition("%post")[0]
    return [line.split()[0] for line in files.strip().splitlines()]


def test_the_reframe_test_passes(tmp_path: Path) -> None:
    pytest.importorskip("reframe")
    check = ROOT / "packaging" / "reframe" / "daskbench_check.py"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    words = ("--prefix", tmp_path, "-c", check, "-r", "--performance-report")
    out = run(
        "reframe", *words, folder=tmp_path, environment={"PATH": path, "TMPDIR": str(tmp_path)}
    )
    assert "PASSED" in out
    assert "distributed" in out
