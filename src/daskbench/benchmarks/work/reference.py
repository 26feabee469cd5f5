"""The reference that the answers of a work are compared with.

It is computed once in a run, by the first lane that checks an answer, and outside the clock. Only
if an answer differs from it is it computed again, to see whether the work is random.
"""

import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from time import perf_counter
from typing import Any, NamedTuple

import cloudpickle

from daskbench.benchmarks import sharing
from daskbench.benchmarks.users import error_text
from daskbench.benchmarks.work.answers import difference
from daskbench.benchmarks.work.comparing.base import FAILURES
from daskbench.benchmarks.work.comparing.containers import settled

#: What the answers are compared with, unless there is a plain version.
SYNCHRONOUS = "a synchronous compute"

#: A reference beyond this is loaded for each answer, because it would count as the lane's memory.
_HELD_BYTES = 8 << 20
#: How often the reference is computed to see whether a work is random, and for how long at most.
#: An answer of few possible values may be the same by chance.
_AGAIN, _AGAIN_S = 3, 10.0


class Computed(NamedTuple):
    """An answer, and the number of tasks that it took; None if they were not counted."""

    answer: Any
    tasks: int | None


class _Made(NamedTuple):
    """A reference, or why it could not be computed."""

    computed: Computed
    failure: str | None = None


class Reference:
    """The right answer of a work, shared by the lanes of a run.

    Args:
        name: Identifies the work with its parameters among all of the run.
        compute: Computes the answer synchronously, or by the plain version.
        tolerance: Relative, for numbers; 0 is exact.
        against: What `compute` does, in words.
        what: What is compared, in words.
        compare: Returns in one line what differs, of an answer, a reference and the tolerance; and
            the spread, if that is given.
        spread: Returns how far rounding errors spread, see `daskbench.benchmarks.work.spread`.
    """

    def __init__(
        self,
        name: str,
        compute: Callable[[], Computed],
        tolerance: float,
        against: str = SYNCHRONOUS,
        what: str = "answers",
        compare: Callable[..., str | None] = difference,
        spread: Callable[[], float] | None = None,
    ) -> None:
        self._find_spread = spread
        self._compute, self._tolerance, self._compare = compute, tolerance, compare
        self._against, self._what = against, what
        self._path = sharing.shared_path(name, ".reference")
        self._random_path = sharing.shared_path(name, ".random")
        self._held: _Made | None = None
        self._random: str | None = None
        self._is_steady = False
        self._failure: str | None = None

    def offer(self, answer: Any) -> None:
        """Take an answer as the reference, unless there is one: it need not be computed again."""
        if self._held is None and not (self._path and self._path.exists()):
            self._kept(_Made(Computed(settled(answer), None)))

    def check(self, answer: Any) -> str | None:
        """Return what differs from the reference, in one line; None if nothing does."""
        if self.is_random:
            return None
        made = self._made()
        self._failure = made.failure
        if made.failure:
            return None
        found = self._compare(answer, made.computed.answer, self._tolerance)
        if found is None or (not self._is_steady and self._find_random(made.computed.answer)):
            return None
        if not (self._tolerance and self._find_spread):
            return found
        return self._compare(answer, made.computed.answer, self._tolerance, self._spread)

    @cached_property
    def _spread(self) -> float:
        assert self._find_spread
        with without_client():
            return self._find_spread()

    @property
    def is_random(self) -> bool:
        """Whether answers were found to differ between two synchronous computes, in any lane."""
        if self._random is None and self._random_path:
            with suppress(OSError, ValueError):
                self._random = self._random_path.read_text(encoding="utf-8")
        return self._random is not None

    @property
    def tasks(self) -> int | None:
        """The number of tasks that the reference took; None if unknown."""
        return self._made().computed.tasks

    @property
    def note(self) -> str:
        """What answers are compared with, or why they are not compared."""
        if self.is_random:
            two = "two synchronous computes" if self._against == SYNCHRONOUS else "two computes"
            return (
                f"random: answers differ between {two} ({self._random}), so they are not compared; "
                "tasks are counted"
            )
        if failure := self._failure:
            return f"answers are not compared, as {self._against} failed: {failure}"
        if not self._tolerance:
            return f"{self._what} compared exactly with {self._against}"
        tolerance = f"{self._tolerance:g}".replace("e-0", "e-")
        return f"{self._what} compared with {self._against}, relative tolerance {tolerance}"

    def _made(self) -> _Made:
        """Return the reference: held, loaded, or computed."""
        if made := self._held or self._load():
            return made
        with sharing.made_once(self._path):
            return self._load() or self._kept(self._make())

    def _kept(self, made: _Made) -> _Made:
        self._held = made
        self._save(made)
        return made

    def _make(self) -> _Made:
        try:
            with without_client():
                answer, tasks = self._compute()
            return _Made(Computed(settled(answer), tasks))
        except FAILURES as error:
            return _Made(Computed(None, None), error_text(error))

    def _load(self) -> _Made | None:
        """Return what another lane, or this one, has shared; None if there is nothing to read."""
        if self._path is None:
            return None
        try:
            with self._path.open("rb") as file:  # read in parts, so that it is in memory only once
                made: _Made = pickle.load(file)
                is_small = file.tell() <= _HELD_BYTES
        except FAILURES:  # missing, damaged, or of a class that this lane cannot import
            return None
        self._held = made if is_small else None
        return made

    def _save(self, made: _Made) -> None:
        if self._path is None:
            return
        try:
            sharing.write_by(self._path, lambda file: cloudpickle.dump(made, file))
        except FAILURES:  # such as a lock; the next lane computes its own
            return
        if self._path.exists() and self._path.stat().st_size > _HELD_BYTES:
            self._held = None

    def _find_random(self, answer: Any) -> bool:
        """Compute again, and return whether the answer differs."""
        start = perf_counter()
        for _ in range(_AGAIN):
            again = self._make()
            found = again.failure or self._compare(again.computed.answer, answer, self._tolerance)
            if found:
                self._share_random(found)
                return True
            if perf_counter() - start > _AGAIN_S:
                break
        self._is_steady = True
        return False

    def _share_random(self, found: str) -> None:
        self._random = found
        if self._random_path:
            sharing.write(self._random_path, found.encode())


@contextmanager
def without_client() -> Iterator[None]:
    """Hide the client of this process from a work that asks for one, as `synchronous` has none."""
    client: Any = sys.modules.get("distributed.client")
    known = getattr(client, "_global_clients", {})
    hidden = dict(known)
    known.clear()
    try:
        yield
    finally:
        known.update(hidden)
