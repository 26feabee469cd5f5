"""A benchmark as an assertion, for tests."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from daskbench.api.again import test_of
from daskbench.api.measure import measure
from daskbench.api.result import Bench
from daskbench.cli.gate import Gate, make_gate, parse_limit, parse_percent
from daskbench.cli.options import RunOptions
from daskbench.config import ENOUGH
from daskbench.document import Outcome
from daskbench.errors import UsageError
from daskbench.experiments.ab.document import document_of
from daskbench.experiments.ab.findings import outcome, sentence
from daskbench.experiments.ab.rows import Comparisons
from daskbench.formats import Page, render
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import LATEST, Store
from daskbench.stats.verdict import GateOutcome

#: What is measured to be judged: intervals need launches.
_JUDGED = {"launches": 10, "rounds": 3}
_LONGEST_NAME = 80
#: Of messages, which nobody can ask for more.
_PAGE = Page(100, explain=True)


@dataclass(frozen=True)
class Check:
    """Measures a function in a test, and fails the test if its gate does not pass.

    Runs are kept in `store` under the `name` of the test, with the `call` that repeats them.
    """

    store: Path
    name: str
    call: str = ""

    @classmethod
    def of_test(cls, store: Path, node_id: str) -> Self:
        """Return what keeps the runs of a test in a store."""
        return cls(store, name_of_test(node_id), test_of([node_id]))

    def __call__(
        self,
        work: Any,
        *,
        against: "Bench | str | Path | None" = None,
        fail_if: str | None = None,
        margin: str | float | None = None,
        inconclusive_ok: bool = False,
        store: str | Path | None = None,
        seed: int = 0,
        force: bool = False,
        **given: Any,
    ) -> Bench:
        """Measure a function, as `daskbench.bench` does, and return the results.

        Args:
            work: What to measure, as for `daskbench.bench`.
            against: An earlier run: ``latest`` for the one of this test before, which passes if
                there is none yet; or a `Bench`, the name of a run, or the path of a journal.
            fail_if: The gate, such as ``slower:10%`` than the earlier run.
            margin: What counts as equivalent, such as ``2%``.
            inconclusive_ok: Pass if the result is inconclusive.
            store: Another folder for the runs.
            seed: Random seed.
            force: As for `daskbench.bench`.
            given: Options and parameters, as for `daskbench.bench`.

        Raises:
            AssertionError: If a row failed, or the gate did not pass; with the gate's sentence.
            UsageError: If something can't be measured as asked.
            KeyboardInterrupt: If the run was interrupted.
        """
        __tracebackhide__ = True
        gate = _gate_of(margin, fail_if, inconclusive_ok)
        if gate.limit is not None and against is None:
            raise UsageError("fail_if needs an earlier run to compare with: add against='latest'")
        if gate.limit is not None and not ENOUGH & given.keys():
            given |= _JUDGED
        folder = self.store if store is None else Path(store)
        earlier = self._earlier(against, Store(folder))
        run_options = RunOptions(folder, seed=seed, force=force, progress=False)
        bench = measure(work, given, run_options, self.name, self.call)
        if bench.interrupted:
            raise KeyboardInterrupt
        _judge(bench, earlier, gate)
        return bench

    def _earlier(self, against: "Bench | str | Path | None", store: Store) -> Run | None:
        """Return the run to compare with, as it is before a new one is measured."""
        if against is None:
            return None
        if isinstance(against, Bench):
            return read_run(against.path)
        if str(against) != LATEST:
            return read_run(store.find_or_file(str(against)))
        own = re.compile(rf"[0-9]+-[0-9]+-{re.escape(self.name)}-[0-9a-f]+")
        runs = [run for run in store.run_ids if own.fullmatch(run)]
        return read_run(store.path(runs[-1])) if runs else None


def name_of_test(node_id: str) -> str:
    """Return the name under which the runs of a test are kept."""
    return re.sub(r"\W+", "-", node_id).strip("-")[-_LONGEST_NAME:]


def _gate_of(margin: str | float | None, fail_if: str | None, inconclusive_ok: bool) -> Gate:
    part = parse_percent(str(margin)) if margin is not None else None
    return make_gate(part, None if fail_if is None else parse_limit(fail_if), inconclusive_ok)


def _judge(bench: Bench, earlier: Run | None, gate: Gate) -> None:
    """Raise AssertionError if a row failed, or the gate did not pass."""
    __tracebackhide__ = True
    compared = None if earlier is None else _compared(bench, earlier, gate)
    found = outcome(compared) if compared else None
    passes = {None, GateOutcome.OK} | (
        {GateOutcome.INCONCLUSIVE} if gate.inconclusive_ok else set()
    )
    if compared and found not in passes:
        told = Outcome(sentence(compared), found)
        raise AssertionError(f"{told}\n\n{render('table', document_of(compared), _PAGE)}")
    if failures := bench.failures:
        rows = "\n".join(f"{label}: {reason}" for label, reason in failures.items())
        raise AssertionError(f"{rows}\n\n{bench.table(_PAGE.width, explain=True)}")


def _compared(bench: Bench, earlier: Run, gate: Gate) -> Comparisons | None:
    against = Gate(gate.margin, gate.limit, gate.inconclusive_ok, earlier)
    return against.compare(read_run(bench.path))
