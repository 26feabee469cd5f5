"""What other programs took of the processor while samples ran."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from daskbench.document import Document
from daskbench.formats.webpage.palette import color
from daskbench.formats.webpage.plots import canvas
from daskbench.formats.webpage.plots.base import Plot
from daskbench.formats.webpage.thinning import MOST_POINTS, in_time, told
from daskbench.journal.run import Column, Run

#: Fewer cores than this disturb nothing, and fewer samples say no more than the finding does.
_LEAST, _FEWEST = 0.05, 3


@dataclass(frozen=True)
class Others:
    """The cores that other programs used during samples, over the time of the run in seconds."""

    at_s: Column
    cores: Column
    every: int


def plots(documents: Sequence[Document]) -> Iterator[Plot]:
    """Yield a plot for each run in which other programs used the processor."""
    for run in (document.run for document in documents if document.run):
        found = others_of(run)
        if found is None:
            continue
        note = told(len(found.at_s), found.every, "the least and the largest of each stretch")
        title = f"CPU used by other programs: {run.run_id}"
        yield Plot(title, summary(found), partial(_draw, found), note)


def others_of(run: Run) -> Others | None:
    """Return what other programs used; None if it is next to nothing, or too few are known."""
    every = [samples for samples in run.samples.values() if len(samples)]
    if not every:
        return None
    at_s, cpu_s, watched_s = (
        np.concatenate([samples[name] for samples in every])
        for name in ("at_s", "others_cpu_s", "watched_s")
    )
    known = watched_s > 0
    at_s, cores = at_s[known], np.maximum(cpu_s[known] / watched_s[known], 0.0)
    if len(cores) < _FEWEST or cores.max() < _LEAST:
        return None
    order = np.argsort(at_s, kind="stable")
    at_s, cores = at_s[order], cores[order]
    places = in_time(cores, MOST_POINTS // 2)
    return Others(at_s[places], cores[places], len(cores))


def summary(found: Others) -> str:
    """Return what the plot shows in words."""
    return (
        f"Cores that other programs used during each sample: {np.median(found.cores):.2g} in the "
        f"median, {found.cores.max():.2g} at most."
    )


def _draw(found: Others) -> Any:
    made = canvas.blank("time since the start of the run (s)", "cores", height=240)
    data = {"at": found.at_s, "cores": found.cores}
    made.line("at", "cores", source=data, color=color(1), line_alpha=0.4)
    dots = made.scatter("at", "cores", source=data, size=5, color=color(1))
    canvas.tell(made, [dots], [("at", "@at{0.0} s"), ("cores", "@cores{0.00}")])
    return made
