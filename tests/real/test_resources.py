"""A job in a control group, below the one that limits it."""

import sys

import pytest

from .cgroup import nested
from .tool import TINY, Tool

pytestmark = pytest.mark.real
GIB = 1 << 30
MEMORY = {1: "memory.limit_in_bytes", 2: "memory.max"}
DASKBENCH = (sys.executable, "-m", "daskbench")


def test_workers_share_the_memory_of_a_group_above_their_own(tool: Tool) -> None:
    with nested("memory", {v: (file, GIB) for v, file in MEMORY.items()}) as inside:
        told = tool.run("doctor", command=(*inside, *DASKBENCH))
        done = tool.run(
            *("schedulers", "--schedulers", "distributed", "--workers", "1", "--rounds", "1"),
            *(*TINY, "--memory"),
            command=(*inside, *DASKBENCH),
        )
    assert "1 GiB usable (memory." in told.said
    assert done.code == 0, done.err
    run = tool.read()
    assert run.header.environment["memory_bytes"] == GIB
    cores = run.header.environment["cores"]
    assert run.lanes[0].memory_limit_bytes == GIB // cores


@pytest.mark.parametrize("options", ["-n", "-Sn"])
def test_more_lanes_than_open_files_are_measured_all_the_same(tool: Tool, options: str) -> None:
    """In turns, which is told before; with a hard limit that is higher there is no need."""
    limited = ("sh", "-c", f'ulimit {options} 32; exec "$@"', "sh")
    sizes = ",".join(str(size) for size in range(100, 112))
    done = tool.run(
        *("schedulers", "--schedulers", "numpy", "--n", sizes, "--tasks", "2"),
        *("--rounds", "1", "--warmup", "0"),
        command=(*limited, *DASKBENCH),
    )
    assert done.code == 0, done.out
    in_turns = "lanes run one at a time: 12 together would open 40 files" in done.err
    assert in_turns == (options == "-n")
