# Random walks: is it fine to use dask.delayed on methods?
import random
import statistics

from dask import delayed


class Simulation:
    def __init__(self, steps=300, walkers=8):
        self.steps = steps
        self.walkers = walkers

    def walk(self, seed):
        rng = random.Random(seed)
        return sum(rng.choice([-1, 1]) for _ in range(self.steps))

    def run(self):
        ends = [delayed(self.walk)(seed) for seed in range(self.walkers)]
        return {"spread": delayed(statistics.pstdev)(ends), "farthest": delayed(max)(ends)}
