"""Small files as users write them, each on every scheduler; and files that do odd things."""

import json
from pathlib import Path

import pytest

from .tool import Tool

pytestmark = pytest.mark.real

CLASS = """

class Own:
    parameters = {{"tasks": 3}}

    def __init__(self, tasks, seed):
        self.tasks = tasks

    def collection(self):
        from dask import delayed

        return [delayed(work)(i) for i in range(self.tasks)]

    def calls(self):
        from functools import partial

        return [partial(work, i) for i in range(self.tasks)]

    def check(self, answer):
        return None if list(answer) == [{answer}] else f"the answer is {{answer}}"
"""
#: What each file defines before its class, where ``work(i)`` is a task, and the answer.
WORKS = {
    "cached.py": (
        "from functools import lru_cache\n\n@lru_cache\ndef work(i):\n    return i * i\n",
        "0, 1, 4",
    ),
    "locked.py": (
        "from threading import Lock\n\nLOCK = Lock()\n\n"
        "def work(i):\n    with LOCK:\n        return i\n",
        "0, 1, 2",
    ),
    "pooled.py": (
        "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n\n"
        "def double(i):\n    return 2 * i\n\n"
        "def work(i):\n"
        "    try:\n"
        "        with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:\n"
        "            return pool.submit(double, i).result()\n"
        "    except AssertionError:  # daemonic processes have no children\n"
        "        return double(i)\n",
        "0, 2, 4",
    ),
    "beside.py": ("from helping import work\n", "10, 11, 12"),
    "classy.py": (
        "class Point:\n    def __init__(self, x):\n        self.x = x\n"
        "    def __eq__(self, other):\n        return type(self) is type(other)"
        " and self.x == other.x\n\n"
        "def work(i):\n    return Point(i)\n",
        "Point(0), Point(1), Point(2)",
    ),
    "listed.py": (
        "from enum import Enum\n\nclass Color(Enum):\n    RED = 0\n    BLUE = 1\n    GREEN = 2\n\n"
        "def work(i):\n    return Color(i)\n",
        "Color.RED, Color.BLUE, Color.GREEN",
    ),
    "platform.py": ("def work(i):\n    return -i\n", "0, -1, -2"),
    "my-bench.py": ("def work(i):\n    return i + 1\n", "1, 2, 3"),
    "inside/bench.py": ("from .more import work\n", "5, 6, 7"),
    "script.py": (
        "print('imported')\n\ndef work(i):\n    return str(i)\n\n"
        "if __name__ == '__main__':\n    raise SystemExit('not as a script')\n",
        "'0', '1', '2'",
    ),
}
SCHEDULERS = ("numpy", "threads", "processes-warm", "distributed")
#: One of them on the schedulers that are left.
MORE = '[suites.more]\nbenchmark = "classy.py:Own"\nschedulers = ["synchronous", "processes"]\n'


def test_files_as_users_write_them(tool: Tool) -> None:
    suites = []
    for name, (work, answer) in WORKS.items():
        file = tool.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(work + CLASS.format(answer=answer), encoding="utf-8")
        suite = name.replace("/", "-").removesuffix(".py")
        suites.append(f'[suites.{suite}]\nbenchmark = "{name}:Own"\n')
    (tool.folder / "helping.py").write_text("def work(i):\n    return i + 10\n")
    (tool.folder / "inside" / "__init__.py").touch()
    (tool.folder / "inside" / "more.py").write_text("def work(i):\n    return i + 5\n")
    defaults = f"[defaults]\nschedulers = {json.dumps(SCHEDULERS)}\nworkers = 1\nrounds = 1\n"
    defaults += 'min-time = "1ms"\n'
    (tool.folder / "benchmarks.toml").write_text(defaults + "".join([*suites, MORE]))
    done = tool.start("run").wait(300.0)
    assert done.code == 0, done.out + done.err
    rows = tool.results()["cases"]
    failed = [
        (row["suite"], row["scheduler"], row["reason"]) for row in rows if row["status"] != "ok"
    ]
    assert failed == []
    assert len(rows) == len(WORKS) * len(SCHEDULERS) + 2
    assert tool.left_behind() == []


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("raise SystemExit(0)", "can't be loaded: SystemExit: 0"),
        ("__import__('os')._exit(0)", "importing it ended Python (exit code 0)"),
    ],
)
def test_a_file_that_ends_its_import_ends_nothing_else(tool: Tool, last: str, message: str) -> None:
    file = tool.folder / "odd.py"
    file.write_text("def work(i):\n    return i\n" + CLASS.format(answer="0, 1, 2") + f"\n{last}\n")
    done = tool.run(
        *("ab", "--env-b", "X=1", "--benchmark", f"{Path(file)}:Own", "--fail-if", "slower:5%")
    )
    assert done.code == 2
    assert message in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert tool.journals == []
    assert tool.left_behind() == []
