"""Python's way to what ``daskbench bench`` does; `daskbench` itself names what is public."""

from daskbench.api.measure import bench
from daskbench.api.result import Bench

__all__ = ["Bench", "bench"]
