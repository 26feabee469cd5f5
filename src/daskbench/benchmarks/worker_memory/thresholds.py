"""A check of Dask's documentation on worker memory: each threshold is crossed on purpose.

Source: https://distributed.dask.org/en/stable/worker-memory.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from daskbench.benchmarks.base import SHIPPED, Compute, Evaluation, Parameter, Place, Traits
from daskbench.benchmarks.worker_memory.overloads import MORE_BLOCKS, OVERLOADS
from daskbench.benchmarks.worker_memory.ramp import STEP
from daskbench.errors import UsageError
from daskbench.units import format_bytes

#: Small, so that there is little to fill, yet well above the memory of Python and Dask.
_LIMIT_BYTES = 512 << 20
#: The memory of a worker without data: measured 64 MiB.
_EMPTY_BYTES = 90 << 20


class Thresholds:
    """A worker driven over one threshold, by tasks that observe it from inside."""

    traits: ClassVar = Traits(experiment="thresholds")
    parameters: ClassVar = {
        "threshold": Parameter(
            "target", "Thresholds to cross.", choices=tuple(OVERLOADS), sweep=True, variant=True
        )
    }

    def __init__(self, threshold: str, seed: int) -> None:
        self.threshold = threshold
        self._overload = OVERLOADS[threshold](seed)

    def place(self, limit_bytes: int | None, thresholds: Mapping[str, float]) -> Place:
        """Return workers on which the other thresholds are off, to isolate the cause."""
        limit, kind = limit_bytes or _LIMIT_BYTES, self._overload
        on = (self.threshold, *kind.beside)
        self._check_room(limit, thresholds)
        return Place(
            workers=kind.workers,
            threads_per_worker=kind.threads,
            memory_limit_bytes=limit,
            thresholds={name: 0.0 for name in SHIPPED if name not in on}
            | {name: thresholds[name] for name in on if name in thresholds},
        )

    def _check_room(self, limit: int, thresholds: Mapping[str, float]) -> None:
        """Raise UsageError if the threshold is crossed before the check begins, or out of reach."""
        fraction = thresholds.get(self.threshold, SHIPPED[self.threshold])
        target = thresholds.get("target", SHIPPED["target"])
        least = _EMPTY_BYTES + round(limit * (self._overload.held + 3 * STEP))
        name, size = self.threshold, format_bytes(limit)
        if name == "target" and _EMPTY_BYTES + (fraction + MORE_BLOCKS * STEP) * limit > limit:
            raise UsageError(
                f"a worker of {size} cannot hold {fraction:.0%} of that as managed data, beside "
                f"its own memory: lower --{name}, or raise --memory-limit"
            )
        if "target" in self._overload.beside and 0 < target < self._overload.held + STEP:
            raise UsageError(
                f"{name} holds {self._overload.held:.0%} of the limit in blocks, which is above "
                f"--target {target:g}: raise --target"
            )
        if name != "target" and 0 < fraction * limit < least:
            raise UsageError(
                f"a worker of {size} holds about {format_bytes(least)} before the check begins, "
                f"which is above --{name} {fraction:g}: raise --{name}, or --memory-limit"
            )

    def collection(self) -> Sequence[Any]:
        """Build the tasks."""
        return self._overload.collection()

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Raise UsageError: NumPy has no workers."""
        raise UsageError("thresholds runs only on distributed")

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the answer, which crossing a threshold must not change."""
        return self._overload.wrong(self._overload.record(answer))

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Return when the worker acted, and what followed."""
        seen = self._overload.record(answer)
        wrong = self._overload.wrong(seen)
        figures: dict[str, float] = {"in_force": seen["threshold"], "highest": seen["highest"]}
        if "interval_s" in seen:
            figures["interval_s"] = seen["interval_s"]
        if not seen["acted"]:
            note = f"nothing happened up to {seen['highest']:.0%} of the limit"
            return Evaluation(wrong, figures, note=note)
        figures["fraction"] = seen["highest"]
        if seen["delay_s"] is not None:
            figures["delay_s"] = seen["delay_s"]
        figures |= self._overload.figures(seen)
        return Evaluation(wrong, figures, note=self._overload.follows(seen))
