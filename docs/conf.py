"""How Sphinx builds the pages: ``make docs``."""

import inspect
import re
from pathlib import Path

import click
from sphinx.application import Sphinx

from daskbench import __version__

ROOT = Path(__file__).parents[1]

project = "daskbench"
author = "The daskbench developers"
copyright = "The daskbench developers"
version = release = __version__

extensions = ["myst_parser", "sphinx_click", "sphinx_design"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
#: Links such as ``options.md#what-is-shown-and-written``.
myst_heading_anchors = 3
#: Output and commands in indented blocks are no Python.
highlight_language = "none"
nitpicky = True

html_theme = "furo"
html_title = "daskbench"
html_static_path = ["_static"]
html_css_files = ["page.css"]
html_show_sphinx = False
html_copy_source = False

#: Pages of the root folder that are pages of the site, too.
INCLUDED = ("SECURITY", "CONTRIBUTING", "CHANGELOG")
#: Where pages were before they were sorted by kind; their addresses still lead somewhere.
MOVED = {
    "ab": "how-to/compare-two-releases",
    "add-a-benchmark": "how-to/add-a-benchmark",
    "bench": "reference/targets",
    "calibrate": "how-to/calibrate",
    "ci-gate": "how-to/gate-a-merge",
    "clusters": "how-to/existing-cluster",
    "compare": "how-to/compare-runs",
    "doctor": "how-to/check-the-machine",
    "exit-codes": "reference/exit-codes",
    "figures": "explanation/figures",
    "install": "how-to/install",
    "library": "reference/library",
    "limit": "how-to/find-a-memory-limit",
    "memory": "reference/memory",
    "notebooks": "how-to/notebooks",
    "options": "reference/options",
    "own-cost": "explanation/own-cost",
    "proof": "explanation/proof",
    "pytest": "how-to/pytest",
    "python": "reference/python",
    "runs": "reference/runs",
    "schedulers": "reference/schedulers",
    "suites": "reference/benchmarks-toml",
    "svd": "reference/svd",
    "svd-compressed": "reference/svd-compressed",
    "thresholds": "reference/thresholds",
}


def _link_inside(app: Sphinx, name: str, text: list[str]) -> None:
    """Point links to included pages at their pages of the site; drop those to other pages outside.

    In the repository all of them lead somewhere (tests/unit/test_documentation.py).
    """
    up = "../" * name.count("/") or "./"
    outside = rf"\]\((?:\.\./){{{name.count('/') + 1}}}"
    text[0] = re.sub(
        rf"{outside}({'|'.join(INCLUDED)})\.md",
        lambda link: f"]({up}project/{link[1].lower()}.md",
        text[0],
    )
    text[0] = re.sub(rf"\[([^\]]+){outside}[\w/]+\.md\)", r"\1", text[0])


def _literal(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Show the end of a command's help, its examples, as it is on the terminal."""
    text = inspect.cleandoc(context.command.epilog or "").replace("\b\n", "")
    if text:
        lines[:] = [".. code-block:: none", "", *(f"   {line}" for line in text.splitlines()), ""]


def _redirect(app: Sphinx, failed: Exception | None) -> None:
    """Write a page that leads on, for each that has moved."""
    if failed or app.builder.format != "html":
        return
    for old, new in MOVED.items():
        page = (
            f'<meta http-equiv="refresh" content="0; url={new}.html"><a href="{new}.html">moved</a>'
        )
        Path(app.outdir, f"{old}.html").write_text(f"<!doctype html>{page}\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect these to Sphinx's events."""
    app.setup_extension("sphinx_click")  # it declares the event of epilogs
    app.connect("source-read", _link_inside)
    app.connect("sphinx-click-process-epilog", _literal)
    app.connect("build-finished", _redirect)
