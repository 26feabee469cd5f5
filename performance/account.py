"""Whether accounts of core-seconds name the cause that was put in, and add up to what was paid."""

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from typing import Any

from daskbench.cgroups import own_and_above

Row = Mapping[str, Any]
#: The tasks of a sample, as they wrote down what they took.
Tasks = Sequence[Mapping[str, Any]]

#: How far core-seconds may be from those put in, and causes from the whole.
NEAR, WHOLE = 0.10, 0.05
TRUTHS = Path(__file__).with_name("truths.py")
_WORKERS, _ACCOUNTS = 2, 3
#: Causes that are the work itself; other programs are one more unless they were put in.
_WORK = {"computing", "own"}
#: Of the time of a processor, in microseconds, for a group that is slowed.
_QUOTA, _PERIOD = 40_000, 100_000


def _took(task: Mapping[str, Any]) -> float:
    return float(task["stop"] - task["start"])


def _slept(tasks: Tasks) -> float:
    """Return the seconds in which tasks had no core, and wanted none."""
    return _without_core(tasks) - sum(float(task["delay_s"]) for task in tasks)


def _without_core(tasks: Tasks) -> float:
    """Return the seconds in which tasks had no core, though they want nothing else."""
    return sum(_took(task) - float(task["cpu_s"]) for task in tasks)


def _beside_chain(tasks: Tasks) -> float:
    """Return what other threads wait for tasks that run one after the other.

    Also between two of them, while the next one is on its way to its thread, there is none to take.
    """
    whole_s = max(task["stop"] for task in tasks) - min(task["start"] for task in tasks)
    return float(whole_s) * (_WORKERS - 1)


def _beside_last(tasks: Tasks) -> float:
    """Return what other threads wait for the last task."""
    ends: dict[tuple[int, ...], float] = {}
    for task in tasks:
        thread = tuple(task["thread"])
        ends[thread] = max(task["stop"], ends.get(thread, 0.0))
    last = max(ends.values())
    return sum(last - end for end in ends.values())


@dataclass(frozen=True)
class Truth:
    """A work whose cause is known to be first on `schedulers`, and to take what `put_in` tells.

    `figure` is the column that tells of it, if that is not the cause's own.
    """

    work: str
    schedulers: str
    cause: str
    put_in: Callable[[Tasks], float] | None = None
    options: tuple[str, ...] = ()
    figure: str = ""


KNOWN = (
    Truth("sleeps", "threads,processes-warm,distributed", "waiting", _slept),
    Truth("locks", "threads", "waiting", _slept),
    Truth("chain", "threads,processes-warm,distributed", "critical", _beside_chain),
    Truth("uneven", "threads,distributed", "imbalance", _beside_last),
    Truth("returns", "processes-warm,distributed", "moving"),
    Truth(
        "returns",
        "distributed",
        "disk",
        options=("--memory-limit", "600MiB", "--target", "0.1", "--spill", "off", "--pause", "off"),
    ),
)
GIL = Truth("counts", "threads", "waiting", _slept, figure="gil_core_s")
NO_GIL = Truth("sleeps", "threads", "waiting", figure="gil_core_s")
SLOWED = Truth("slowed", "processes-warm,distributed", "cores", _without_core)
#: What is to add up on every scheduler.
WHOLES = (
    ("calc_mean", ()),
    ("svd", ("--shape", "2e5x100", "--hardware", "off")),
    ("svd_compressed", ("--shape", "5000x5000", "--hardware", "off")),
    ("shuffle", ()),
    ("empty_tasks", ("--tasks", "10000")),
)


def rows_of(target: str, *options: str) -> list[Row]:
    """Return the rows of a run with accounts."""
    always = ("--workers", str(_WORKERS), "--rounds", "3", "--why", "--format", "json")
    command = [sys.executable, "-m", "daskbench", "bench", target, *options, *always]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    found = json.loads(done.stdout)
    print(*(f"  {line}" for line in found["findings"] if "programs used" in str(line)), sep="\n")
    rows: list[Row] = found["cases"]
    return [row for row in rows if "whole_core_s" in row]


def causes_of(row: Row) -> dict[str, float]:
    """Return the core-seconds of each cause of a row."""
    other = ("whole_core_s", "unexplained_core_s", "system_core_s", "gil_core_s")
    return {
        name.removesuffix("_core_s"): value
        for name, value in row.items()
        if name.endswith("_core_s") and name not in other
    }


def first_of(row: Row, cause: str) -> str:
    """Return the largest cause that is neither the work itself nor, unless put in, a busy core."""
    causes = causes_of(row)
    other = _WORK | ({"cores"} - {cause})
    return max(causes.keys() - other, key=causes.__getitem__)


def known_truths(only: str = "") -> Iterator[bool]:
    """Print what was put in beside what is told; yield whether they agree."""
    for truth in KNOWN:
        if only in truth.work:
            yield from compared(truth)
    if only in "short":
        yield from pool_start()
    if only in GIL.work:
        yield from the_gil()
    if only in SLOWED.work:
        yield from slowed()


def compared(truth: Truth, *options: str) -> Iterator[bool]:
    """Compare on each scheduler of a truth."""
    for scheduler in truth.schedulers.split(","):
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "record"
            given = (*truth.options, *options, "--schedulers", scheduler, "--record", str(record))
            [row] = rows_of(f"{TRUTHS}:{truth.work}", *given)
            put_in = _of_accounts(record, row, truth.put_in) if truth.put_in else None
        yield agrees(truth, row, put_in)


def _of_accounts(record: Path, row: Row, put_in: Callable[[Tasks], float]) -> float:
    """Return what was put into a loop of the samples with instruments on, which are the last."""
    samples: dict[str, list[Any]] = {}
    for line in record.read_text().splitlines():
        task = json.loads(line)
        samples.setdefault(task["sample"], []).append(task)
    last = [*samples.values()][-_ACCOUNTS * row["raw_accounts"][0].get("loops", 1) :]
    return mean(map(put_in, last))


def agrees(truth: Truth, row: Row, put_in: float | None) -> bool:
    """Print and return whether a row tells what was put in."""
    cause, first = truth.cause, first_of(row, truth.cause)
    right, text = first == cause, f"{truth.work} on {row['scheduler']}: {first} first"
    if put_in is not None:
        told = row[truth.figure or f"{cause}_core_s"]
        right = right and abs(told / put_in - 1) <= NEAR
        text += f", {told:.3g} of {put_in:.3g} core-s, ratio {told / put_in:.2f}"
    print(f"{text}; {'as put in' if right else f'MISSED: {cause} was put in'}", flush=True)
    return right


def pool_start() -> Iterator[bool]:
    """Compare the start of a pool with what the row saves that keeps it, instruments on both."""
    rows = rows_of(f"{TRUTHS}:short", "--schedulers", "processes,processes-warm")
    whole = {row["scheduler"]: float(row["whole_core_s"]) for row in rows}
    [row] = [row for row in rows if row["scheduler"] == "processes"]
    put_in = whole["processes"] - whole["processes-warm"]
    yield agrees(Truth("short", "processes", "starting"), row, put_in)


def the_gil() -> Iterator[bool]:
    """Compare waiting for the GIL, and see that no other waiting is told as such."""
    if not find_spec("gilknocker"):
        print("counts on threads: skipped, as gilknocker is not installed")
        return
    yield from compared(GIL)
    [row] = rows_of(f"{TRUTHS}:{NO_GIL.work}", "--schedulers", NO_GIL.schedulers)
    told, waiting = row[NO_GIL.figure], row["waiting_core_s"]
    right = told <= NEAR * waiting
    text = f"sleeps on threads: for the GIL at most {told:.3g} of {waiting:.3g} core-s of waiting"
    print(f"{text}; {'as put in' if right else 'MISSED: there was none'}", flush=True)
    yield right


def slowed() -> Iterator[bool]:
    """Compare on a worker in a control group that limits its CPU time, if one can be made."""
    with limited_group() as group:
        if group is None:
            print("slowed: skipped, as no control group can be made here")
            return
        yield from compared(SLOWED, "--group", str(group))


@contextmanager
def limited_group() -> Iterator[Path | None]:
    """Make a control group with a quota beside or in our own; None where that can't be."""
    own = own_and_above("cpu")
    if not own:
        yield None
        return
    group = own[0].folder / f"daskbench-truth-{uuid.uuid4().hex[:8]}"
    limits = {"cpu.max": f"{_QUOTA} {_PERIOD}"}
    if own[0].version == 1:
        limits = {"cpu.cfs_period_us": str(_PERIOD), "cpu.cfs_quota_us": str(_QUOTA)}
    try:
        group.mkdir()
        for file, limit in limits.items():
            (group / file).write_text(limit)
    except OSError:
        _remove(group)
        yield None
        return
    try:
        yield group
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    with suppress(OSError):
        os.rmdir(group)  # noqa: PTH106 -- the folder of a group


def wholes(only: str = "") -> Iterator[bool]:
    """Print how much of the whole causes leave unexplained; yield whether that is little."""
    for target, options in WHOLES:
        if only not in target:
            continue
        every = "synchronous,threads,processes,processes-warm,distributed"
        for row in rows_of(target, "--schedulers", every, *options):
            left = row["unexplained_core_s"] / row["whole_core_s"]
            ratio = row["instruments_ratio"]
            print(
                f"{target} on {row['scheduler']}: {left:+.1%} unexplained of "
                f"{row['whole_core_s']:.3g} core-s; bar {WHOLE:.0%}; instruments {ratio:.2f}",
                flush=True,
            )
            yield abs(left) <= WHOLE


def main() -> None:
    """Measure all, or with the word ``truths`` or ``wholes`` only these, of one work if named."""
    part, only = [*sys.argv[1:], "", ""][:2]
    found: list[bool] = []
    found += known_truths(only) if part in ("truths", "") else ()
    found += wholes(only) if part in ("wholes", "") else ()
    print(f"{sum(found)} of {len(found)} as they should be")
    sys.exit(0 if all(found) else 1)


if __name__ == "__main__":
    main()
