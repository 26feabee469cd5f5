"""What several tests of ab share."""

from daskbench import interpreters
from daskbench.model import Side
from daskbench.processes import bundle as bundle

SATURATION = "distributed.scheduler.worker-saturation"
A = Side("A", config={SATURATION: "1.1"})
B = Side("B", python="/b/bin/python", env={"OMP_NUM_THREADS": "2"}, slowdown=0.05)
HAS = {"python": "3.12.1", "numpy": "2.1.0", "dask": "2025.1.0", "distributed": "2025.1.0"}


def found(broken: dict[str, str] | None = None, **versions: str) -> interpreters.Found:
    have = {name: version for name, version in {**HAS, **versions}.items() if version}
    return interpreters.Found(have, broken or {}, (SATURATION, "distributed.worker.memory.spill"))
