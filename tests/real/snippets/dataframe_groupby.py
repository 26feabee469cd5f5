# "How do I use different aggregations per column with a Dask groupby?"
import dask.dataframe as dd
import numpy as np
import pandas as pd

np.random.seed(0)
df = pd.DataFrame({
    "store": np.random.choice(["north", "south", "east", "west"], 2000),
    "sales": np.random.rand(2000) * 100,
    "items": np.random.randint(1, 9, 2000),
})


def by_store():
    ddf = dd.from_pandas(df, npartitions=4)
    return ddf.groupby("store").agg({"sales": ["sum", "mean"], "items": "max"})
