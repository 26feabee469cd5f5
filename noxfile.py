"""The checks, as a list of named steps: ``make test`` runs them all, ``nox -s unit`` one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
BIN = Path(sys.executable).parent

nox.options.sessions = ["lint", "types", "unit", "real"]


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Style, by ruff."""
    session.run(str(BIN / "ruff"), "check", external=True)
    session.run(str(BIN / "ruff"), "format", "--check", external=True)


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """Types, by mypy --strict."""
    session.run(str(BIN / "mypy"), external=True)


@nox.session(venv_backend="none")
@nox.parametrize("version", VERSIONS)
def unit(session: nox.Session, version: str) -> None:
    """The tests on fakes, on each Python that is here."""
    python = environment(session, version)
    session.run(python, "-m", "pytest", "-m", "not real", *session.posargs, external=True)


@nox.session(venv_backend="none")
def real(session: nox.Session) -> None:
    """The tests with real lanes, clusters and faults."""
    session.run(sys.executable, "-m", "pytest", "-m", "real", *session.posargs, external=True)


def environment(session: nox.Session, version: str) -> str:
    """Return a Python of that version with the project installed; skip where there is none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = interpreter(version)
    if found is None:
        session.skip(f"there is no Python {version} here")
    folder = Path(".nox") / version
    python = str(folder / "bin" / "python")
    if not Path(python).exists():
        session.run(found, "-m", "venv", str(folder), external=True, silent=True)
    session.run(
        python,
        *("-m", "pip", "install", "--quiet", "--editable", ".[dev]"),
        env={"PIP_CONSTRAINT": "constraints.txt"},
        external=True,
    )
    return python


def interpreter(version: str) -> str | None:
    """Return a Python of that version from PATH or from pyenv, if it starts."""
    on_path = shutil.which(f"python{version}")
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    pyenv = sorted(root.glob(f"versions/{version}.*/bin/python"))
    for candidate in [on_path, *map(str, pyenv)]:
        if candidate and _starts(candidate):
            return candidate
    return None


def _starts(python: str) -> bool:
    """Tell whether it runs: a pyenv shim is on PATH even where its version is not there."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
