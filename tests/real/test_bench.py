"""Snippets as users write them, each on several schedulers, with nothing added to the file."""

import pytest

from .tool import Json, Tool

pytestmark = pytest.mark.real

SNIPPETS = """
import dask
import dask.array as da
from dask import delayed


class Pipeline:
    def __init__(self, base: int = 2):
        self.base = base

    def build(self, n=3):
        return [delayed(pow)(self.base, i) for i in range(n)]


def double(x):
    return x.map_blocks(lambda block: 2 * block)


def build(n: int = 40):
    x = da.arange(n, chunks=10)
    return {"double": double(x), "sums": (x.sum(), [x.max()]), "n": n}


def computing(n=40):
    x = da.arange(n, chunks=10).persist()
    return int(x.sum().compute()), int(x.max().compute())


def steps(n=3):
    for i in range(n):
        yield delayed(pow)(i, 2)


def chosen(n=40):
    return int(da.arange(n, chunks=10).sum().compute(scheduler="threads"))


broken = lambda n=40: da.arange(n, chunks=10).map_blocks(where).sum()


def where(block):
    from distributed import get_worker

    try:
        get_worker()
    except ValueError:
        return block
    return block + 1


if __name__ == "__main__":
    print(computing())
"""
DEFAULTS = """[defaults]
schedulers = ["synchronous", "threads", "distributed"]
workers = 2
rounds = 1
warmup = 0
min-time = "1ms"
"""


def rows(tool: Tool, *names: str) -> dict[str, list[Json]]:
    """The rows of each work, all measured in one run."""
    (tool.folder / "snippets.py").write_text(SNIPPETS)
    suites = [
        f'[suites.s{number}]\nbenchmark = "snippets.py{name}"\n'
        for number, name in enumerate(names)
    ]
    (tool.folder / "benchmarks.toml").write_text(DEFAULTS + "".join(suites))
    tool.start("run").wait(300.0)
    found: dict[str, list[Json]] = {name: [] for name in names}
    for row in tool.results()["cases"]:
        found[names[int(row["suite"][1:])]].append(row)
    return found


def test_snippets_run_everywhere_and_are_proved(tool: Tool) -> None:
    found = rows(tool, ":build", ":computing", ":steps", ":Pipeline.build", "")
    told = {name: [(r["status"], r["reason"]) for r in rows] for name, rows in found.items()}
    assert told == dict.fromkeys(found, [("ok", None)] * 3)
    assert tool.left_behind() == []


def test_what_is_wrong_on_one_scheduler_is_found_there(tool: Tool) -> None:
    found = rows(tool, ":broken", ":chosen")
    broken = [row["reason"] or "" for row in found[":broken"]]
    assert broken[:2] == ["", ""]
    assert "wrong answer: " in broken[2]
    chosen = [row["reason"] or "" for row in found[":chosen"]]
    assert "tasks ran on threads: the work chose that scheduler itself" in chosen[0]
    assert chosen[1] == ""
    assert "no task ran" in chosen[2]


def test_bench_as_a_user_types_it(tool: Tool) -> None:
    (tool.folder / "snippets.py").write_text(SNIPPETS)
    where = ("--schedulers", "synchronous,threads", "--workers", "1", "--rounds", "1")
    done = tool.run("bench", "--n", "20,30", "snippets.py:build", *where)
    assert (done.code, done.complaints) == (0, [])
    assert [(row["n"], row["status"]) for row in tool.results()["cases"]] == [
        (n, "ok") for n in (20, 20, 30, 30)
    ]
    assert "has no parameter 'm'" in tool.run("bench", "snippets:build", "-p", "m=1").err
