"""Blocks of random bytes that workers hold, checked for spilling, loss and corruption."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from daskbench.benchmarks.worker_memory import driving
from daskbench.benchmarks.worker_memory.ramp import Record


def task(function: Any, name: str, *arguments: Any) -> Any:
    """Return a Delayed with a new key that begins with `name`."""
    from dask import delayed

    return delayed(function, pure=False)(*arguments, dask_key_name=f"{name}-{uuid4().hex}")


def listed(numbers: Sequence[int]) -> str:
    """Format block numbers: ``no block``, ``block 1`` or ``blocks 1, 2``."""
    if not numbers:
        return "no block"
    return f"block{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


class WithBlocks:
    """Base of the overloads that hold blocks, whose bytes, read at the end, are the answer."""

    workers: ClassVar[int] = 1
    threads: ClassVar[int] = 2
    held: ClassVar[float] = 0.0
    beside: ClassVar[tuple[str, ...]] = ()
    #: Blocks that are reread before any block is spilled.
    again: ClassVar[tuple[int, ...]] = ()

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def chain(self, count: int, part: float, again_after: int) -> tuple[list[Any], Any]:
        """Return blocks that are created one after the other, and the last task of the chain.

        Each is `part` of the limit. After `again_after` blocks, those in `again` are reread.
        """
        blocks: list[Any] = []
        end: Any = 0
        for number in range(count):
            arguments = (end, self.seed, number, part)
            blocks.append(task(driving.make_block, f"block-{number}", *arguments))
            end = task(driving.then, "then", blocks[-1])
            if number + 1 == again_after:
                for early in self.again:
                    end = task(driving.then, "again", blocks[early], end)
        return blocks, end

    def sums(self, blocks: Sequence[Any], after: Any) -> list[Any]:
        """Return tasks that read the blocks after `after`."""
        return [task(driving.checksum, "checksum", block, after) for block in blocks]

    def record(self, results: Sequence[Any]) -> Record:
        """Return the observations, and the blocks' checksums."""
        record, *sums = results
        return {**record, "sums": sums}

    def wrong(self, record: Record) -> str | None:
        """Compare the checksums with those of the same blocks created here."""
        wrong = [
            number
            for number, (size, crc) in enumerate(record["sums"])
            if (size, crc) != driving.checksum(driving.random_block(self.seed, number, size))
        ]
        return f"{listed(wrong)} changed between writing and reading" if wrong else None

    def order(self, record: Record) -> list[int]:
        """Return the blocks in the order of least recent use."""
        made = range(len(record["sums"]))
        return [number for number in made if number not in self.again] + [*self.again]

    def figures(self, record: Record) -> Mapping[str, float]:
        """Return how many blocks were spilled, and how many of them out of order."""
        pairs = zip(record["disk"], self.order(record), strict=False)
        return {
            "on_disk": len(record["disk"]),
            "out_of_order": float(sum(a != b for a, b in pairs)),
        }

    def follows(self, record: Record) -> str:
        """Describe which blocks were spilled."""
        disk, again = record["disk"], set(self.again)
        left = "did not all stay" if again & set(disk) else "stayed"
        return (
            f"{listed(disk)} went to disk, in this order; {listed(self.again)}, reread before "
            f"that, {left}"
        )
