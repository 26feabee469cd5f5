"""The plots of a page: one file a plot, and one line here to register it.

Each yields nothing where a run has no data for it, so no one asks which experiment it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module

from daskbench.document import Document
from daskbench.formats.webpage.plots.base import Plot, Plotter, joined
from daskbench.units import counted

#: In the order of the page; the first that a run has is its main chart.
PLOTS = (
    "daskbench.formats.webpage.plots.ratios",
    "daskbench.formats.webpage.plots.curves",
    "daskbench.formats.webpage.plots.accounts",
    "daskbench.formats.webpage.plots.speedup",
    "daskbench.formats.webpage.plots.sweeps",
    "daskbench.formats.webpage.plots.distributions",
    "daskbench.formats.webpage.plots.over_time",
    "daskbench.formats.webpage.plots.overlays",
    "daskbench.formats.webpage.plots.worker_memory",
    "daskbench.formats.webpage.plots.disturbance",
)


#: A page with more plots of one kind would be too large, and nobody reads so many.
MOST_OF_A_KIND = 24


def of(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield every plot for which these runs have data, and say which are left out."""
    for name in PLOTS:
        module: Plotter = import_module(name)
        found = [*module.plots(documents)]
        shown, left = found[:MOST_OF_A_KIND], found[MOST_OF_A_KIND:]
        if left:
            more = f"{counted(len(left), 'more plot')} of this kind not drawn"
            shown[-1] = replace(shown[-1], note=joined(shown[-1].note, f"{more}."))
        yield from shown
