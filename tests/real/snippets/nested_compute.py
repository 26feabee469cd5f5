# Compute the statistics first, then use them to decide what to compute next
import dask
import dask.array as da


def outliers(n=20000, chunks=5000):
    x = da.random.RandomState(0).normal(size=n, chunks=chunks)
    mean, std = dask.compute(x.mean(), x.std())
    mask = abs(x - mean) > 2 * std
    count = int(mask.sum().compute())
    if count == 0:
        return None
    extreme = x[mask].compute()
    return {"count": count, "mean": float(mean), "largest": extreme.max()}
