# In [3]: pi by Monte Carlo
import random

import dask.bag as db

quarter = lambda _: (1 - random.random() ** 2) ** 0.5
pi = lambda n=1000: db.range(n, npartitions=4).map(quarter).mean().apply(lambda mean: 4 * mean)
