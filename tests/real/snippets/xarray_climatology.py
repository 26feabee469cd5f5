# Monthly climatology and anomalies, as in the Xarray tutorial
import numpy as np
import pandas as pd
import xarray as xr

time = pd.date_range("2001-01-01", periods=48, freq="MS")
season = 10 * np.sin(2 * np.pi * time.month.values / 12)
grid = np.linspace(0, 20, 12).reshape(3, 4)
air = xr.DataArray(
    season[:, None, None] * grid + np.arange(48)[:, None, None],
    dims=("time", "lat", "lon"),
    coords={"time": time, "lat": [0, 30, 60], "lon": [0, 90, 180, 270]},
    name="air",
)


def anomalies():
    da = air.chunk({"time": 12})
    climatology = da.groupby("time.month").mean("time")
    return climatology, da.groupby("time.month") - climatology
