"""The proof of a function's answers: compared in one place, or chunk by chunk where they are."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import dask

from daskbench.benchmarks import sharing
from daskbench.benchmarks.base import Compute, Evaluation
from daskbench.benchmarks.users import error_text
from daskbench.benchmarks.work import kept
from daskbench.benchmarks.work.answers import AnyOrder
from daskbench.benchmarks.work.base import WorkOptions
from daskbench.benchmarks.work.comparing.base import FAILURES
from daskbench.benchmarks.work.reference import SYNCHRONOUS, Computed, Reference
from daskbench.benchmarks.work.spread import spread_of
from daskbench.benchmarks.work.structure import Shape
from daskbench.units import format_bytes

Built = tuple[Sequence[Any], Shape]


class Proof:
    """Compares the answers of a function with those of its plain version, or synchronous ones.

    Args:
        name: Identifies the function with its parameters among all of the run.
        options: The tolerance, and whether results are kept where they are.
        build: Calls the function, and returns its collections and their places in the answer.
        plain: Calls the plain version, if there is one.
    """

    def __init__(
        self,
        name: str,
        options: WorkOptions,
        build: Callable[[], Built],
        plain: Callable[[], Any] | None,
    ) -> None:
        self._build, self._plain, self._keeps = build, plain, options.keep
        against = "the plain version" if plain else SYNCHRONOUS
        self._gathered = Reference(
            name, self._compute, options.tolerance, against, spread=lambda: spread_of(build)
        )
        self._kept = Reference(
            f"{name} kept",
            self._compute_kept,
            options.tolerance,
            what="chunks",
            compare=kept.difference_of_kept,
        )
        self._size_path = sharing.shared_path(name, ".size")

    @property
    def is_undecided(self) -> bool:
        """Whether it is not known yet if results are kept."""
        return self._keeps is None

    def keeps(self, collections: Sequence[Any] | None) -> bool:
        """Whether results stay where they are computed: as told, or because they are large.

        This remains undecided while nothing is built.
        """
        if self._keeps is None:
            if not collections:
                return False
            self._keeps = self._size_of(collections) > kept.LARGE_BYTES
        return self._keeps

    def _size_of(self, collections: Sequence[Any]) -> int:
        """Return the estimated size in bytes, which all lanes share."""
        with suppress(OSError, ValueError, AttributeError):
            return int(self._size_path.read_text())  # type: ignore[union-attr]
        try:
            size = kept.estimated_bytes(collections)
        except FAILURES:  # a work that fails, which its first sample will tell
            return 0
        if self._size_path:
            sharing.write(self._size_path, str(size).encode())
        return size

    def offer(self, answer: Any) -> None:
        """Take the answer of a synchronous compute that was made for another reason."""
        if not self._plain:
            self._gathered.offer(answer)

    def account(self, answer: Any) -> Evaluation:
        """Compare an answer that is in one place."""
        return Evaluation(wrong=self._gathered.check(answer), note=self._gathered.note)

    def account_plain(self, answer: Any) -> Evaluation:
        """Compare an answer of the plain version, in chunks if those of Dask are."""
        try:
            built = self._build() if self._keeps is not False else ((), Shape(None))
            if not built[0] or not self.keeps(built[0]):
                self._gathered.offer(answer)
                return self.account(answer)
            return self._account_kept(kept.cut(answer, *built))
        except FAILURES as error:
            return Evaluation(
                note=f"answers of the plain version not compared: {error_text(error)}"
            )

    def account_kept(self, results: Sequence[Any], shape: Shape, compute: Compute) -> Evaluation:
        """Compare results where they are."""
        return self._account_kept(kept.look(results, shape.outline, compute))

    def _account_kept(self, found: kept.Kept) -> Evaluation:
        wrong = self._kept.check(found)
        size = format_bytes(found.nbytes)
        where = f"results of {size} left where they were computed (--gather collects them)"
        return Evaluation(wrong=wrong, note=f"{where}; {self._kept.note}")

    def _compute(self) -> Computed:
        """Compute the reference: by the plain version, or synchronously."""
        if self._plain:
            return Computed(self._plain(), None)
        with dask.config.set(scheduler="synchronous"):
            collections, shape = self._build()
            values = dask.compute(*collections) if collections else ()
        return Computed(shape.filled(marked(values, [*map(kept.is_bag, collections)])), None)

    def _compute_kept(self) -> Computed:
        with dask.config.set(scheduler="synchronous"):
            collections, shape = self._build()
            return Computed(kept.synchronously(collections, shape.outline), None)


def marked(values: Sequence[Any], are_bags: Sequence[bool]) -> list[Any]:
    """Return values with those of bags marked, as a bag promises no order of its items."""
    pairs = zip(values, are_bags, strict=True)
    return [AnyOrder(value) if is_bag else value for value, is_bag in pairs]
