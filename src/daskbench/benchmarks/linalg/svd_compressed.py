"""The approximate SVD of a matrix chunked in any way: the lesson's third workload.

Source: Halko, Martinsson & Tropp (2011), "Finding structure with randomness", SIAM Review 53(2),
which ``dask.array.linalg.svd_compressed`` follows.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute, Evaluation, Needs, Parameter
from daskbench.benchmarks.linalg.accuracy import (
    TRAITS,
    largest_singular_values,
    overflow,
    random_signs,
    shared,
)
from daskbench.benchmarks.linalg.input import (
    AUTO,
    AUTO_BYTES,
    PERSIST,
    VECTORS,
    Input,
    check_chunks,
    matrix_parameters,
)
from daskbench.benchmarks.linalg.matrix import ITEM_BYTES, SPECTRUM, Array, Matrix
from daskbench.errors import UsageError
from daskbench.units import format_shape, parse_count_or_zero, parse_shape

POWER, QR = "power", "QR"
_STEP = 2_000

#: Largest rank of a spectrum: generating a full-rank chunk would cost more than the SVD.
_RANK = 200
#: An approximate value exceeds the true one only by rounding, which the power iteration and the
#: reference's own error make larger than eps.
_ABOVE = 1e-5
_ROUNDING, _TOLERANCE_OF_VECTORS = 1e-9, 1e-13
_FETCHED_BYTES = 1 << 25
_LEAST_SUBSPACE = 20  # dask.array.linalg.compression_level
_CHUNKS_OF_A_TASK, _COPIES_IN_NUMPY = 3.0, 1.3


def _count_or_zero(value: object) -> int:
    return parse_count_or_zero(str(value))


def _chunks_for(shape: tuple[int, int]) -> tuple[int, int]:
    return min(_STEP, shape[0]), min(_STEP, shape[1])


class SvdCompressed:
    """The k largest singular values of X, and vectors if requested, from a random subspace."""

    traits: ClassVar = TRAITS
    parameters: ClassVar = {
        **matrix_parameters("10000x10000", "2000x2000", "in one dimension or both", _chunks_for),
        "k": Parameter(5, "Number of singular values to compute."),
        "iterator": Parameter(
            POWER,
            "power: multiply by XX' repeatedly; QR: orthogonalise after each multiplication.",
            (POWER, QR),
            variant=True,
        ),
        "power_iterations": Parameter(
            0,
            "Power iterations: more are slower but more accurate; 0 is Dask's default.",
            read=_count_or_zero,
            metavar="N,...",
            variant=True,
        ),
        "oversamples": Parameter(
            10,
            "Dimensions of the random subspace beyond k.",
            read=_count_or_zero,
            metavar="N,...",
            variant=True,
        ),
    }

    def __init__(
        self,
        shape: str,
        chunks: str,
        input: str,
        distribution: str,
        condition: float,
        compute: str,
        k: int,
        iterator: str,
        power_iterations: int,
        oversamples: int,
        seed: int,
    ) -> None:
        self.shape = parse_shape(shape)
        rank = min(*self.shape, _RANK)
        self.matrix = Matrix(self.shape, self._chunk(chunks), distribution, condition, seed, rank)
        most = rank if distribution == SPECTRUM else min(self.shape)
        if k > most:
            raise UsageError(f"-k {k} is above the rank of X, which is {most}; choose up to {most}")
        self.matrix.check_passes("power-iterations", power_iterations)
        self.x, self.vectors = Input(self.matrix, held=input == PERSIST), compute == VECTORS
        self.k, self.iterator, self.iterations = k, iterator, power_iterations
        self.oversamples, self.seed = oversamples, seed
        self._reference: Array | None = None
        # X times a few random directions, and X's squared norm: kept for all samples.
        self._image: Any = None
        self._square = 0.0

    def _chunk(self, chunks: str) -> tuple[int, int]:
        if chunks == AUTO:
            side = int((AUTO_BYTES / ITEM_BYTES) ** 0.5)
            return min(side, self.shape[0]), min(side, self.shape[1])
        return check_chunks(self.shape, chunks)

    @property
    def subspace(self) -> int:
        """The dimension of the random subspace (``dask.array.linalg.compression_level``)."""
        return min(max(_LEAST_SUBSPACE, self.k + self.oversamples), *self.shape)

    def prepare(self, compute: Compute) -> None:
        """Persist X in the workers, unless each sample generates it."""
        self.x.prepare(compute)

    @property
    def keeps(self) -> bool:
        """Whether u and v are among the results, and so stay in the workers."""
        return self.vectors

    def collection(self) -> Sequence[Any]:
        """Return s, or u, s and v, from an X with new keys."""
        u, s, v = self._compressed(self.x.array())
        return [u, s, v] if self.vectors else [s]

    def _compressed(self, x: Any) -> Sequence[Any]:
        import dask.array as da

        found: Sequence[Any] = da.linalg.svd_compressed(
            x,
            self.k,
            iterator=self.iterator,
            n_power_iter=self.iterations,
            n_oversamples=self.oversamples,
            seed=self.seed,
        )
        return found

    def drawing(self, chunks: int | None) -> tuple[Sequence[Any], str]:
        """Return u, s and v as in the lesson."""
        x = self.matrix.with_chunks(chunks)
        return self._compressed(x.collection()), f"X of {format_shape(x.shape)}"

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same method in NumPy, with X in memory."""
        self.x.prepare_numpy()
        return [self._in_numpy]

    def _in_numpy(self) -> Any:
        x = self.x.in_numpy()
        start = np.random.default_rng(self.seed).standard_normal((self.shape[1], self.subspace))
        q = x @ start
        for _ in range(self.iterations):
            q = x.T @ (np.linalg.qr(q)[0] if self.iterator == QR else q)
            q = x @ (np.linalg.qr(q)[0] if self.iterator == QR else q)
        q = np.linalg.qr(q)[0]
        u, s, v = np.linalg.svd(q.T @ x, full_matrices=False)
        k = self.k
        return ((q @ u)[:, :k], s[:k], v[:k]) if self.vectors else s[:k]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the singular values."""
        return self._wrong(np.asarray(answer[0]))

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Return the relative error of each value and, for vectors, orthogonality and residual."""
        figures: dict[str, float] = {}
        wrong = None
        if self.vectors:
            u, sigma, v = answer[0] if len(answer) == 1 else answer
            s, wrong = self._account_of_vectors(u, sigma, v, compute, figures)
        else:
            s = np.asarray(answer[0])
        wrong = self._wrong(s) or wrong
        true = self.reference()[: self.k]
        errors = np.abs(s - true) / true if s.shape == true.shape else np.full(self.k, np.inf)
        named = {f"error_{i}": float(error) for i, error in enumerate(errors, 1)}
        worst = {"error": float(errors.max())}
        return Evaluation(wrong, worst | named | figures, self.flops())

    def _wrong(self, s: Array) -> str | None:
        """Check s against an upper bound that is certain and a lower one that is nearly so.

        The singular values of a projection of X never exceed those of X. And none is lower by more
        than ``(1 + 11 sqrt(l min(m, n)))^(1/(2q+1)) s[k+1]`` for a subspace of dimension l and q
        iterations (Halko et al., equations 1.9 and 1.10).
        """
        true = self.reference()
        beyond = float(true[self.k]) if len(true) > self.k else 0.0
        power = 1 / (2 * self.iterations + 1)
        loss = (1 + 11 * np.sqrt(self.subspace * min(self.shape))) ** power * beyond
        true = true[: self.k]
        if s.shape != true.shape or not np.isfinite(s).all():
            return self.explain() or f"s is not {self.k} finite numbers"
        if (np.diff(s) > _ABOVE * true[0]).any():
            return "s is not in descending order"
        if (above := float(np.max(s / true - 1))) > _ABOVE:
            return f"a value of s exceeds the true one by {above:.1g} (relative)"
        if (s < true * (1 - _ABOVE) - loss).any():
            return "a value of s is below the true one by more than the method's error bound"
        return None

    def explain(self) -> str | None:
        """Return that power iterations overflow, if they do."""
        return overflow(float(self.reference()[0]), self.iterations * (self.iterator == POWER))

    def _account_of_vectors(
        self, u: Any, s: Any, v: Any, compute: Compute, figures: dict[str, float]
    ) -> tuple[Array, str | None]:
        """Check u and v in place.

        USV is the projection of X onto the span of U. So U'X = S V, which is checked on a few
        random directions, and ``|X-USV|^2 = |X|^2 - |S|^2``.
        """
        directions, image = random_signs(self.shape[1]), self._image_of_x(compute)
        if self._is_thin:
            u, s, v = compute(u, s, v)
        found = compute(s, u.T @ u, v @ v.T, u.T @ image, v @ directions)
        s, uu, vv, ux, vw = map(np.asarray, found)
        rest = 1 - float(np.sum(s**2)) / self._square
        figures["|U'U-I|"] = float(np.linalg.norm(uu - np.eye(self.k)))
        figures["|VV'-I|"] = float(np.linalg.norm(vv - np.eye(self.k)))
        figures["|X-USV|/|X|"] = float(np.sqrt(max(rest, 0.0)))
        tolerance = _TOLERANCE_OF_VECTORS * float(np.sqrt(max(self.shape)))
        for name in ("|U'U-I|", "|VV'-I|"):
            if not figures[name] <= tolerance:
                return s, f"{name} is {figures[name]:.2g}, above {tolerance:.2g}"
        if not np.linalg.norm(ux - s[:, None] * vw) <= _ROUNDING * np.sqrt(self._square):
            return s, "U'X is not S V"
        return s, None

    @property
    def _is_thin(self) -> bool:
        """Whether u and v are small enough to gather."""
        return sum(self.shape) * self.k * ITEM_BYTES <= _FETCHED_BYTES

    def _image_of_x(self, compute: Compute) -> Any:
        """Return X times a few random directions, computed once together with the norm of X."""
        if self._image is None:
            x = self.x.array()
            image, square = x @ random_signs(self.shape[1]), (x**2).sum()
            if self._is_thin:
                both = shared(
                    f"image {self.matrix.name}",
                    lambda: np.concatenate([np.ravel(part) for part in compute(image, square)]),
                )
                self._image, self._square = both[:-1].reshape(image.shape), float(both[-1])
            else:
                [self._image] = compute.keep(image)
                self._square = float(compute(square)[0])
        return self._image

    def flops(self) -> float:
        """Return the operation count: products with X, QR of m x l, and the small SVD.

        Source: Halko et al. (2011), section 4.6, and Golub & Van Loan (2013), section 5.2.
        """
        (m, n), size = self.shape, self.subspace
        products = 2 + 2 * self.iterations
        factorisations = 1 + (2 * self.iterations if self.iterator == QR else 0)
        return (
            2.0 * products * m * n * size
            + 4.0 * factorisations * max(m, n) * size**2
            + 6.0 * n * size**2
            + 20.0 * size**3
        )

    def reference(self) -> Array:
        """Return at least the k + 1 largest singular values (fewer if X has no more)."""
        if self._reference is None:
            known = self.matrix.singular_values
            count = min(self.k + 1, *self.shape)
            name = f"largest {count} {self.matrix.name}"
            if known is None:
                known = shared(name, lambda: largest_singular_values(self.matrix, count))
            self._reference = known
        return self._reference

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of X, which is held until the last product, and of its chunks."""
        x, chunk = self.matrix.bytes, self.matrix.chunk_bytes
        kept = x if self.x.held else 0
        thin = sum(self.shape) * self.subspace * ITEM_BYTES
        if in_numpy:
            whole = round(x * _COPIES_IN_NUMPY) + thin
            return Needs(x, x, whole, whole, kept)
        task = round(chunk * _CHUNKS_OF_A_TASK)
        return Needs(x, chunk, x + 2 * thin + threads * task, task, kept)
