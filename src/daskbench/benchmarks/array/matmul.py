"""The product of two square matrices, chunked in both dimensions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from daskbench.benchmarks.array.transpose_add import check_square
from daskbench.benchmarks.array.workload import InNumpy, array_parameters, times, whole
from daskbench.benchmarks.base import Compute, Evaluation, Traits
from daskbench.benchmarks.linalg.input import Input
from daskbench.benchmarks.linalg.matrix import Array
from daskbench.benchmarks.sizes import EIGHTH


class Matmul(InNumpy):
    """Product of two square matrices: ``x @ y``."""

    #: NumPy gets as many BLAS threads as the other rows have cores.
    traits: ClassVar = Traits(numpy_takes_all_cores=True)
    parameters: ClassVar = array_parameters(small=8_000_000, share=EIGHTH)
    copies: ClassVar = 2.0
    copies_in_numpy: ClassVar = 3.0
    chunks_of_a_task: ClassVar = 5.0

    def __init__(self, seed: int, **parameters: Any) -> None:
        super().__init__(**parameters, seed=seed)
        check_square("matmul", self.shape)
        self.second = replace(self.matrix, seed=seed + 1)
        self.y = Input(self.second, held=self.x.held)
        self._whole_y: Array | None = None

    def prepare(self, compute: Compute) -> None:
        """Persist both matrices in the workers, unless each sample generates them."""
        super().prepare(compute)
        self.y.prepare(compute)

    def work(self, x: Any) -> Any:
        """Return X @ Y."""
        return x @ self.y.array()

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return one call of BLAS, after generating both matrices."""
        if self.x.held and self._whole is None:
            self._whole, self._whole_y = whole(self.matrix), whole(self.second)
        return [self._in_numpy]

    def _in_numpy(self) -> Any:
        if self._whole is None or self._whole_y is None:
            return whole(self.matrix) @ whole(self.second)
        return self._whole @ self._whole_y

    def image(self, w: Array) -> Array:
        """Return X @ (Y @ w)."""
        return times(self.matrix, times(self.second, w))

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Check the product, and return its floating-point operations."""
        return replace(super().account(answer, compute), flops=2.0 * self.shape[0] ** 3)
