"""Noise of tables: log-ratios of shape (tables, rows, rounds) whose true value is 0 in every row.

Real noise is resampled in blocks of whole rounds from `residuals.npz`: log times less their mean
of `schedulers --n 100000 --tasks 100 --rounds 40`, two runs beside one busy core and two without
one, on a machine on which others worked all the time; and log-ratios of four cases of 240 rounds
beside the same (`twice.py 240`).
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from daskbench.stats.mixture import Floats

REAL = np.load(Path(__file__).with_name("residuals.npz"))
SCHEDULERS = [REAL[name].astype(float) for name in REAL.files if name.startswith("schedulers")]
SAME = REAL["same_twice"].astype(float)
BLOCK = 10


class Noise:
    """A source of tables with a seed of its own."""

    def __init__(self, seed: int, tables: int, rows: int, rounds: int) -> None:
        self.random = np.random.default_rng(seed)
        self.size = tables, rows, rounds
        self.lanes = tables, rows + 1, rounds

    def normal(self) -> Floats:
        """Return standard normal numbers for all lanes, the baseline's first."""
        return self.random.standard_normal(self.lanes)

    def real(self) -> Floats:
        """Whole rounds of one of the runs, in blocks: rows share what they shared there."""
        return paired(self.resampled())

    def resampled(self) -> Floats:
        """Return log times of real rounds; the last lanes of a run are left out of small tables."""
        found = np.empty(self.lanes)
        for number in range(self.lanes[0]):
            run = SCHEDULERS[self.random.integers(len(SCHEDULERS))]
            found[number] = run[: self.lanes[1], self.places(run.shape[1])]
        return found

    def places(self, length: int) -> npt.NDArray[np.int64]:
        """Return the rounds of a series made of blocks, each from somewhere, around the end."""
        blocks = -(-self.size[2] // BLOCK)
        begins = self.random.integers(length, size=(blocks, 1))
        return np.asarray((begins + np.arange(BLOCK)).ravel()[: self.size[2]] % length)

    def same(self) -> Floats:
        """Real ratios of a case to the same case, each row in blocks of its own, either way up."""
        found = np.empty(self.size)
        centred = SAME - SAME.mean(axis=1, keepdims=True)
        for place in np.ndindex(self.size[:2]):
            row = centred[self.random.integers(len(SAME))]
            found[place] = self.random.choice([-1, 1]) * row[self.places(len(row))]
        return found

    def independent(self) -> Floats:
        """Normal noise of 20 % on every lane."""
        return paired(0.2 * self.normal())

    def autoregressive(self) -> Floats:
        """AR(1) of 0.4 on every lane."""
        found = self.normal()
        for i in range(1, self.size[2]):
            found[..., i] = 0.4 * found[..., i - 1] + np.sqrt(1 - 0.4**2) * found[..., i]
        return paired(0.2 * found)

    def bursts(self, chance: float = 0.05, length: int = 4) -> Floats:
        """Other work slows one lane for four rounds now and then, by up to 60 %."""
        begins = self.random.random(self.lanes) < chance
        busy = begins.copy()
        for later in range(1, length):
            busy[..., later:] |= begins[..., :-later]
        return paired(0.05 * self.normal() + 0.6 * busy * self.random.random(self.lanes))

    def long_bursts(self) -> Floats:
        """Rarer ones that last for eight rounds: one in 67 rounds begins one."""
        return self.bursts(0.015, 8)

    def heavy_tails(self) -> Floats:
        """Student's t with 2 degrees of freedom."""
        return paired(0.05 * self.random.standard_t(2, self.lanes))

    def two_modes(self) -> Floats:
        """Every lane is 25 % slower in three rounds of ten."""
        modes = 0.25 * (self.random.random(self.lanes) < 0.3)
        return paired(modes + 0.02 * self.normal())

    def skewed(self) -> Floats:
        """Exponential noise of 10 % on the rows, normal noise of 3 % on the baseline."""
        found = 0.1 * self.random.exponential(1, self.lanes)
        found[:, 0] = 0.03 * self.random.standard_normal(found[:, 0].shape)
        return paired(found)

    def unequal(self) -> Floats:
        """The last row is eight times as noisy as the others."""
        found = 0.05 * self.normal()
        found[:, -1] *= 8
        return paired(found)


def paired(lanes: Floats) -> Floats:
    """Return the log-ratios of all lanes to the first."""
    return lanes[:, 1:] - lanes[:, :1]
