"""How often other tools call the same work faster or slower when they measure it twice.

pyperf, hyperfine and pytest-benchmark measure ten calls of calc_mean in plain NumPy, which is one
row of `false_alarms.py`, with their own defaults, and then once more. ``peers.py 10`` compares ten
times and takes ten minutes, once without a number. Only how often each tool is wrong is printed,
beside how long its two measurements took: there is no bar.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from time import monotonic

from scipy import stats

LEVEL = 0.05
SETUP = "from daskbench.benchmarks.calc_mean import calc_mean"
WORK = "for i in range(10): calc_mean(i, 100_000)"
TEST = f"""
{SETUP}

def work():
    {WORK}

def test_work(benchmark):
    benchmark(work)
"""
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "test_work.py")


def run(
    folder: Path, *command: str, ok: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; return what it said, with one of the exit codes that are `ok`."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done


def pyperf(folder: Path) -> bool:
    """Return whether ``pyperf compare_to`` calls two runs of ``pyperf timeit`` different."""
    for name in ("one.json", "two.json"):
        run(folder, sys.executable, "-m", "pyperf", "timeit", "-q", "-o", name, "-s", SETUP, WORK)
    said = run(folder, sys.executable, "-m", "pyperf", "compare_to", "one.json", "two.json").stdout
    return "not significant" not in said


def hyperfine(folder: Path) -> bool:
    """Return whether hyperfine's script, Welch's t test, calls two commands different."""
    (folder / "work.py").write_text(f"{SETUP}\n{WORK}\n")
    command = f"{sys.executable} work.py"
    run(folder, "hyperfine", "--warmup", "1", "--export-json", "both.json", command, command)
    one, two = (
        found["times"] for found in json.loads((folder / "both.json").read_text())["results"]
    )
    return bool(stats.ttest_ind(one, two, equal_var=False).pvalue < LEVEL)


def pytest_benchmark(folder: Path) -> bool:
    """Return whether the second of two runs fails at a mean that is 5 % higher."""
    (folder / "test_work.py").write_text(TEST)
    run(folder, sys.executable, "-m", *PYTEST, "--benchmark-save=one")
    fail = ("--benchmark-compare=0001", "--benchmark-compare-fail=mean:5%")
    return run(folder, sys.executable, "-m", *PYTEST, *fail, ok=(0, 1)).returncode == 1


TOOLS: dict[str, Callable[[Path], bool]] = {
    "pyperf": pyperf,
    "hyperfine": hyperfine,
    "pytest-benchmark": pytest_benchmark,
}


def main() -> None:
    """Compare so often with each tool, and print how often it was wrong."""
    asked = int(sys.argv[1]) if sys.argv[1:] else 1
    for name, compare in TOOLS.items():
        if name == "hyperfine" and not which(name):
            print("hyperfine is not installed: 'make system-packages' brings it")
            continue
        start, wrong = monotonic(), 0
        for _ in range(asked):
            with TemporaryDirectory() as folder:
                wrong += compare(Path(folder))
        each_s = (monotonic() - start) / asked
        low, high = stats.binomtest(wrong, asked).proportion_ci()
        print(
            f"{name}: {wrong} false alarms in {asked} comparisons, {wrong / asked:.0%} "
            f"[{low:.0%}, {high:.0%}], {each_s:.0f} s each",
            flush=True,
        )


if __name__ == "__main__":
    main()
