"""Blocks of random bytes that workers hold: which went to disk, which were lost, are all right."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from daskbench.benchmarks.worker_memory import driving
from daskbench.benchmarks.worker_memory.ramp import Record


def task(function: Any, name: str, *arguments: Any) -> Any:
    """Return a task under a new key that begins with `name`."""
    from dask import delayed

    return delayed(function, pure=False)(*arguments, dask_key_name=f"{name}-{uuid4().hex}")


def listed(numbers: Sequence[int]) -> str:
    """Write ``no block``, ``block 1`` or ``blocks 1, 2``."""
    if not numbers:
        return "no block"
    return f"block{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


class WithBlocks:
    """What those have in common that hold blocks. Their bytes, read at the end, are the answer."""

    workers: ClassVar[int] = 1
    threads: ClassVar[int] = 2
    held: ClassVar[float] = 0.0
    beside: ClassVar[tuple[str, ...]] = ()
    #: Blocks that are read again before anything goes to disk.
    again: ClassVar[tuple[int, ...]] = ()

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def chain(self, count: int, part: float, again_after: int) -> tuple[list[Any], Any]:
        """Return blocks that are made one after the other, and the end of that.

        After so many of them the early ones are read again.
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
        """Return what reads the blocks at last."""
        return [task(driving.checksum, "checksum", block, after) for block in blocks]

    def record(self, results: Sequence[Any]) -> Record:
        """Return what was seen, and the sums."""
        record, *sums = results
        return {**record, "sums": sums}

    def wrong(self, record: Record) -> str | None:
        """Make the blocks again here, and compare."""
        wrong = [
            number
            for number, (size, crc) in enumerate(record["sums"])
            if (size, crc) != driving.checksum(driving.random_block(self.seed, number, size))
        ]
        return f"{listed(wrong)} changed between writing and reading" if wrong else None

    def order(self, record: Record) -> list[int]:
        """Return the blocks, the least recently used first."""
        made = range(len(record["sums"]))
        return [number for number in made if number not in self.again] + [*self.again]

    def figures(self, record: Record) -> Mapping[str, float]:
        """Return how many went to disk, and how many of them before their turn."""
        pairs = zip(record["disk"], self.order(record), strict=False)
        return {
            "on_disk": len(record["disk"]),
            "out_of_order": float(sum(a != b for a, b in pairs)),
        }

    def follows(self, record: Record) -> str:
        """Say which."""
        disk, again = record["disk"], set(self.again)
        left = "did not all stay" if again & set(disk) else "stayed"
        return (
            f"{listed(disk)} went to disk, in this order; {listed(self.again)}, reread before "
            f"that, {left}"
        )
