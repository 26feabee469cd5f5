"""What is exported to other tools: the counted samples of a run, each case under a unique name."""

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
    """A case with its counted samples, of which there is at least one.

    The name says what is computed and where, with all parameters, and nothing about the run, so
    that tools that compare runs by name find the same case. NumPy, which is measured once beside
    several ways, is named by the first of them, which in some benchmarks is what it computes.
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
        """CPU seconds per loop of each counted sample; NaN if unknown."""
        counted = self.samples.counted
        seconds: Column = self.samples["cpu_s"][counted] / self.samples["loops"][counted]
        return seconds


def run_of(document: Document) -> Run:
    """Return the run of a document; a comparison has none."""
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
    """Return text as a name or value for other tools, which show it, and refuse line breaks."""
    return harmless.whole(" ".join(str(text).split()))


def _names(results: Iterable[Result]) -> list[str]:
    """Name cases as the tables do; if suites share one, also by suite and number."""
    known = [(one_line(f"{one.case.what} on {one.place}"), one.suite.name) for one in results]
    often = Counter(name for name, _ in known)
    names = [f"{name} in {suite}" if often[name] > 1 else name for name, suite in known]
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return unique
