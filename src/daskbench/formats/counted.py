"""What other tools are given of a run: its counted samples, each case under a name of its own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from daskbench import harmless
from daskbench.document import Document
from daskbench.journal.run import Column, Run, Samples
from daskbench.stats.results import Result
from daskbench.stats.summary import Summary


@dataclass(frozen=True)
class Counted:
    """A case with its counted samples, of which there is one at least.

    The name tells what is computed and where, with all parameters, and nothing of the run: so tools
    that compare runs by name find the same case again. NumPy, which is measured once beside several
    ways, is named by the first of them: of some benchmarks that is what it computes.
    """

    name: str
    result: Result
    summary: Summary
    samples: Samples

    @property
    def seconds(self) -> list[float]:
        """Seconds per loop of each counted sample, in the order measured."""
        return [float(value) for value in self.samples.loop_s]

    @property
    def cpu_s(self) -> Column:
        """CPU seconds per loop of each counted sample; NaN where they are not known."""
        counted = self.samples.counted
        seconds: Column = self.samples["cpu_s"][counted] / self.samples["loops"][counted]
        return seconds


def run_of(document: Document) -> Run:
    """Return the run that a document is of; a comparison has none to hand on."""
    if document.run is None:
        raise ValueError("a document without a run")
    return document.run


def counted(document: Document) -> list[Counted]:
    """Return the cases that have a counted sample, in the order of the tables."""
    found = [(result, result.summary) for result in document.results if result.summary]
    names = _names(result for result, _ in found)
    return [
        Counted(name, result, summary, run_of(document).samples[result.number])
        for name, (result, summary) in zip(names, found, strict=True)
    ]


def one_line(text: object) -> str:
    """Return text as other tools take a name or a value: they show it, and refuse line ends."""
    return harmless.whole(" ".join(str(text).split()))


def _names(results: Iterable[Result]) -> list[str]:
    """Name cases as the tables do; where suites share one, by the suite too, and by a number."""
    known = [(one_line(f"{one.case.what} on {one.place}"), one.suite.name) for one in results]
    often = Counter(name for name, _ in known)
    names = [f"{name} in {suite}" if often[name] > 1 else name for name, suite in known]
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return unique
