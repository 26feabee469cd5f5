"""A matrix plus its transpose: each chunk meets the one across the diagonal."""

from typing import Any, ClassVar

from daskbench.benchmarks.array.workload import InNumpy, times, transposed_times
from daskbench.benchmarks.linalg.matrix import Array
from daskbench.errors import UsageError


class TransposeAdd(InNumpy):
    """A square matrix plus its transpose: ``x + x.T``."""

    copies: ClassVar = 1.5

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        check_square("transpose_add", self.shape)

    def work(self, x: Any) -> Any:
        """Return X + X.T."""
        return x + x.T

    def image(self, w: Array) -> Array:
        """Return X @ w + X.T @ w."""
        return times(self.matrix, w) + transposed_times(self.matrix, w)


def check_square(benchmark: str, shape: tuple[int, int]) -> None:
    """Raise UsageError if X is not square."""
    if shape[0] != shape[1]:
        side = min(shape)
        raise UsageError(f"{benchmark} needs a square X, as --shape {side}x{side}")
