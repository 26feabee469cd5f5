"""The checks, as a list of named steps: ``make test`` runs them all, ``nox -s unit`` one."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nox

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
BIN = Path(sys.executable).parent

#: What another Python cannot change, as all of them have the same releases of NumPy and SciPy: what
#: figures come to, and what the source and the pages look like. Nor do random inputs (the tests
#: marked hypothesis) find there what they have not found here: they are repeatable.
ALIKE = (
    *("stats", "findings", "test_architecture.py", "test_documentation.py"),
    *("test_outputs.py", "test_packaging.py", "test_schema.py"),
    *(
        f"benchmarks/test_{name}.py"
        for name in ("svd", "svd_compressed", "svd_input", "decompositions", "array_library")
    ),
)

#: So many tests may fail by chance; more have a reason. And what pytest says of failures.
MOST_AGAIN, _FAILED = 3, 1

nox.options.sessions = ["both"]


@nox.session(venv_backend="none")
def both(session: nox.Session) -> None:
    """All of the sessions below: the real tests, and the quick checks beside them.

    Real tests use one core on average, as lanes have turns, and are made to pass on a machine that
    is busy; so two cores are done in two thirds of the time. What the quick checks say stands after
    the real tests.
    """
    nox_here = (sys.executable, "-m", "nox", "--sessions")
    given = ("--", *session.posargs)
    with tempfile.TemporaryFile() as said:
        quick = subprocess.Popen(
            [*_nice(), *nox_here, "lint", "types", "docs", "recipes", "unit", *given],
            stdout=said,
            stderr=said,
        )
        try:
            slow = subprocess.run([*nox_here, "real", *given], check=False)
            quick.wait()
        finally:
            quick.terminate()
            said.seek(0)
            shutil.copyfileobj(said, sys.stdout.buffer)
            sys.stdout.flush()
    if slow.returncode or quick.returncode:
        session.error("not all checks have passed")


def _nice() -> tuple[str, ...]:
    """Return the words before a command that is to give way to what runs beside it."""
    nice = shutil.which("nice")
    return (nice, "-n", "10") if nice else ()


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Style, by ruff."""
    session.run(str(BIN / "ruff"), "check", external=True)
    session.run(str(BIN / "ruff"), "format", "--check", external=True)


@nox.session(venv_backend="none")
def docs(session: nox.Session) -> None:
    """The pages as HTML; warnings, such as a link that leads nowhere, are errors."""
    session.run(*_sphinx("html"), external=True)


@nox.session(venv_backend="none")
def links(session: nox.Session) -> None:
    """Whether the pages' links to the web lead somewhere: needs a network, so it is no check."""
    session.run(*_sphinx("linkcheck"), external=True)


def _sphinx(builder: str) -> tuple[str, ...]:
    strict = ("--fail-on-warning", "--keep-going", "--quiet")
    return (str(BIN / "sphinx-build"), *strict, "-b", builder, "docs", f"docs/_build/{builder}")


@nox.session(venv_backend="none")
def recipes(session: nox.Session) -> None:
    """The recipes of packaging/ and CITATION.cff, by the linters of their fields.

    These have an environment of their own, as some want other versions than the rest.
    """
    tools = Path(".nox") / "recipes" / "bin"
    if not tools.exists():
        session.run(sys.executable, "-m", "venv", str(tools.parent), external=True, silent=True)
    pip = (str(tools / "python"), "-m", "pip", "install", "--quiet", "--no-compile")
    session.run(*pip, "--requirement", "packaging/linters.txt", external=True)
    session.run(str(tools / "cffconvert"), "--validate", external=True)
    session.run(str(tools / "python"), "packaging/conda/render.py", external=True)
    session.run(str(tools / "shellcheck"), "packaging/slurm/daskbench.sbatch", external=True)
    session.run(str(tools / "hadolint"), "packaging/Dockerfile", external=True)


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """Types, by mypy --strict."""
    session.run(str(BIN / "mypy"), external=True)


@nox.session(venv_backend="none")
@nox.parametrize("version", VERSIONS)
def unit(session: nox.Session, version: str) -> None:
    """The tests on fakes, on each Python that is here: all of them on this one."""
    python = environment(session, version)
    which, variables = ["not real"], {}
    if python != sys.executable:
        which = ["not real and not hypothesis", *(f"--ignore=tests/unit/{name}" for name in ALIKE)]
        variables = {"PYTHONDONTWRITEBYTECODE": ""}  # as its packages are not compiled yet
    run_tests(session, (python, "-m", "pytest", "-m", *which), f"unit-{version}", variables)


@nox.session(venv_backend="none")
def real(session: nox.Session) -> None:
    """The tests with real lanes, clusters and faults."""
    run_tests(session, (sys.executable, "-m", "pytest", "-m", "real"), "real", {})


def run_tests(
    session: nox.Session, pytest: tuple[str, ...], name: str, variables: dict[str, str]
) -> None:
    """Run tests; a few that fail may run once more.

    Thousands of races against threads, kernels, queues and browsers on a busy machine are not all
    won. What was lost is told with its traceback, and must pass when it runs again.
    """
    cache = Path(".nox") / f"cache-{name}"
    pytest = (*pytest, "-o", f"cache_dir={cache}", *session.posargs)
    either = [0, _FAILED]
    session.run(*pytest, "--cache-clear", env=variables, external=True, success_codes=either)
    lost = cache / "v" / "cache" / "lastfailed"
    failed = list(json.loads(lost.read_text())) if lost.exists() else []
    if len(failed) > MOST_AGAIN:
        session.error(f"{len(failed)} tests failed")
    if failed:
        session.warn("failed, and must pass now: " + ", ".join(failed))
        session.run(*pytest, "--last-failed", env=variables, external=True)


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
    # Without --no-compile this takes three times as long; the tests compile what they import.
    session.run(
        python,
        *("-m", "pip", "install", "--quiet", "--no-compile", "--editable", ".[dev]"),
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
