# One CSV file per station, read in parallel with pandas and dask.delayed
import os
import tempfile

import dask
import pandas as pd


@dask.delayed
def load(path):
    df = pd.read_csv(path, parse_dates=["day"])
    df["station"] = os.path.basename(path).split(".")[0]
    return df


@dask.delayed
def daily_max(df):
    return df.groupby(["station", "day"])["temp"].max()


def main(stations=3):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i in range(stations):
            path = os.path.join(folder, "station%d.csv" % i)
            days = pd.date_range("2024-01-01", periods=30).repeat(4)
            pd.DataFrame({"day": days, "temp": [(i + 7 * j) % 23 for j in range(120)]}).to_csv(path)
            paths.append(path)
        results = dask.compute(*[daily_max(load(p)) for p in paths])
    return pd.concat(results)
