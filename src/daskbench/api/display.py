"""Progress where Python runs: in a notebook, a terminal, or nowhere."""

import sys
from collections.abc import Callable, Sequence
from html import escape
from importlib import import_module
from io import StringIO
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import dask
from rich.console import Console, RenderableType

from daskbench import harmless
from daskbench.cli.progress import Progress, Silent
from daskbench.cli.recording import MakeProgress
from daskbench.conductor.conduct import Progress as Before
from daskbench.model import Plan

_WIDTH = 100
_REDRAW_S = 0.5
_LINK = "distributed.dashboard.link"


class Quiet(Silent):
    """No progress, and no lines."""

    def say(self, line: str) -> None:
        """Print nothing."""


def progress_for(lines: Sequence[str], *, show: bool) -> MakeProgress:
    """Return what shows progress here, with `lines` said first."""

    def make(plan: Plan, before: Before) -> Silent:
        progress = _progress(plan) if show else Quiet()
        for line in lines:
            progress.say(line)
        return progress

    return make


def _progress(plan: Plan) -> Silent:
    if update := _output_cell():
        return Notebook(plan, update)
    return Progress(plan, Console(stderr=True)) if sys.stderr.isatty() else Silent()


def _output_cell() -> Callable[[str], None] | None:
    """Return what shows HTML in place of the last, in the output of the running cell.

    None if this is no kernel.
    """
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None:
        return None
    shown: Any = import_module("IPython.display")
    handle = shown.display(shown.HTML(""), display_id=True)
    return lambda text: handle.update(shown.HTML(text))


def _console() -> Console:
    """Return a console that only writes text: left alone, rich would display it itself."""
    return Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)


class Page:
    """The output of a cell: lines that stay, and what is replaced and at last removed."""

    def __init__(self, show: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._show, self._clock = show, clock
        self._lines: list[str] = []
        self._links: list[str] = []
        self._drawn = self._picture = ""
        self._next_s = 0.0

    def start(self) -> None:
        """Do nothing: the first picture comes at once."""

    def update(self, renderable: RenderableType, *, refresh: bool = False) -> None:
        """Draw what rich would draw in a terminal, but not too often for a browser."""
        if self._clock() < self._next_s:
            return
        console = _console()
        console.print(renderable)
        assert isinstance(console.file, StringIO)
        self._picture = f"<pre>{harmless.isolated(escape(console.file.getvalue()))}</pre>"
        self._draw()

    def add_line(self, line: str) -> None:
        """Add a line that stays."""
        self._lines.append(f"<div>{harmless.html(line)}</div>")
        self._draw()

    def add_link(self, what: str, address: str) -> None:
        """Add a link that is gone when the run ends, as its page is."""
        text = harmless.attribute(address)
        opened = f'<a href="{text}" target="_blank" rel="noopener">{text}</a>'
        self._links.append(f"<div>{harmless.html(what)}: {opened}</div>")
        self._draw()

    def stop(self) -> None:
        """Leave only the lines."""
        self._links, self._picture = [], ""
        self._draw()

    def _draw(self) -> None:
        self._next_s = self._clock() + _REDRAW_S
        text = "".join([*self._lines, *self._links, self._picture])
        if text != self._drawn:
            self._drawn = text
            self._show(text)


class Notebook(Progress):
    """Progress in one output of a notebook, which is updated in place."""

    stops = "interrupt the kernel to stop and show what was measured"

    def __init__(self, plan: Plan, show: Callable[[str], None]) -> None:
        self._page = Page(show)
        super().__init__(plan, _console(), screen=self._page)

    def say(self, line: str) -> None:
        """Add a line that stays."""
        self._page.add_line(line)

    def tell_link(self, what: str, address: str) -> None:
        """Add a link, by the way that Dask's configuration gives for this session."""
        self._page.add_link(what, through_proxy(address))


def through_proxy(address: str) -> str:
    """Return the address of a dashboard as ``distributed.dashboard.link`` leads there.

    A lane knows the files and variables of Dask's configuration, but not what this session has
    set. An address without a port is a lane's own answer to these.
    """
    import distributed  # whose defaults are a part of the configuration
    from distributed.utils import format_dashboard_link

    found = urlsplit(address)
    if found.port is None or found.hostname is None or not dask.config.get(_LINK, None):
        return address
    assert distributed
    return str(format_dashboard_link(found.hostname, found.port))
