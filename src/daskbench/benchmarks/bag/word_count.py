"""The classic of map and reduce: how often each word occurs."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np

from daskbench.benchmarks.base import Needs, Parameter
from daskbench.benchmarks.sizes import bytes_of, rounded, size_parameter, sized
from daskbench.errors import UsageError

_WORDS = 5000
#: The mean length of a word and the space after it, and the memory of a word in a list, in bytes.
_LETTERS, _WORD_BYTES = 9, 60
_LINE = 10  # words
_LINES_OF_A_PART = 10_000
_PARTS = 16
_SMALL_BYTES = 24_000_000


def _lines(size: str) -> int:
    return rounded(bytes_of(size, _SMALL_BYTES) / (_LINE * _WORD_BYTES))


def _partitions(lines: int) -> int:
    return min(lines, max(_PARTS, lines // _LINES_OF_A_PART))


class WordCount:
    """Count words: ``bag.map(str.split).flatten().frequencies()``."""

    parameters: ClassVar = {
        "size": size_parameter("lines"),
        "lines": sized(_lines, f"Number of lines, of {_LINE} words."),
        "partitions": Parameter(
            _PARTS,
            "Number of partitions.",
            variant=True,
            derive=lambda others: _partitions(int(others["lines"])),
        ),
    }

    def __init__(self, lines: int, partitions: int, seed: int, size: str = "") -> None:
        if partitions > lines:
            raise UsageError(f"--partitions {partitions:,} is too many for {lines:,} lines")
        self.lines, self.partitions, self.seed = lines, partitions, seed

    def _part(self, part: int) -> tuple[int, int, int]:
        """Return the seeds of a partition, and its number of lines."""
        return (
            self.seed,
            part,
            self.lines // self.partitions + (part < self.lines % self.partitions),
        )

    def collection(self) -> Sequence[Any]:
        """Return the counts of all words, of lines with new keys."""
        import dask.bag as db

        unique = uuid4().hex
        parts = [(*self._part(part), unique) for part in range(self.partitions)]
        texts = db.from_sequence(parts, npartitions=self.partitions).map(text_of).flatten()
        return [texts.map(str.split).flatten().frequencies()]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same by a Counter."""
        return [self._in_python]

    def _in_python(self) -> list[tuple[str, int]]:
        parts = (text_of((*self._part(part), "")) for part in range(self.partitions))
        words = chain.from_iterable(map(str.split, chain.from_iterable(parts)))
        return list(Counter(words).items())

    @cached_property
    def _reference(self) -> dict[str, int]:
        """The counts, from the numbers of the words."""
        total = np.zeros(_WORDS, dtype=int)
        for part in range(self.partitions):
            total += np.bincount(drawn(*self._part(part)).ravel(), minlength=_WORDS)
        return {word(number): int(count) for number, count in enumerate(total) if count}

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the counts of all words."""
        found = [*answer[0]]
        counts = dict(found)
        if len(counts) < len(found):
            return f"{len(found) - len(counts):,} words occur twice in the result"
        if counts == self._reference:
            return None
        right = self._reference
        wrong = min(w for w in {*counts, *right} if counts.get(w) != right.get(w))
        return f"{wrong} is counted {counts.get(wrong, 0):,} times, not {right.get(wrong, 0):,}"

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the text, and of lists of its words."""
        text = self.lines * _LINE * _LETTERS
        words = -(-self.lines // self.partitions) * _LINE * _WORD_BYTES
        held = words if in_numpy else threads * words
        return Needs(text, text // self.partitions, held, words)


def word(number: int) -> str:
    """Return a word, of different lengths."""
    return "w" * (number % 7) + f"{number:05}"


def drawn(seed: int, part: int, lines: int) -> Any:
    """Return the numbers of the words of a partition, shape (lines, words): few are frequent."""
    random = np.random.default_rng([seed, part])
    return (_WORDS * random.random((lines, _LINE)) ** 3).astype(int)


def text_of(part: tuple[int, int, int, str]) -> list[str]:
    """Return the lines of a partition."""
    words = [word(number) for number in range(_WORDS)]
    return [" ".join([words[number] for number in line]) for line in drawn(*part[:3]).tolist()]
