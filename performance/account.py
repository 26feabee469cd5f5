"""Whether accounts of core-seconds name the cause that was put in, and add up to what was paid."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

#: How far core-seconds may be from those put in, and causes from the whole.
NEAR, WHOLE = 0.10, 0.05
TRUTHS = Path(__file__).with_name("truths.py")
_WORKERS = 2
#: Which cause is known to be first, on which schedulers, and in how many core-seconds, if known.
KNOWN: tuple[tuple[str, str, str, float | None, tuple[str, ...]], ...] = (
    ("sleeps", "threads,processes-warm,distributed", "waiting", 40 * 0.015, ()),
    ("locks", "threads", "waiting", (2 * 40 - 1) * 0.02, ()),
    ("chain", "threads,processes-warm,distributed", "chain", 50 * 0.02, ()),
    ("uneven", "threads,distributed", "imbalance", 9 * 0.04, ()),
    ("returns", "processes-warm,distributed", "moving", None, ()),
    ("short", "processes,processes-warm", "starting", None, ()),
    (
        "returns",
        "distributed",
        "disk",
        None,
        ("--memory-limit", "600MiB", "--target", "0.1", "--spill", "off", "--pause", "off"),
    ),
)
#: What is to add up on every scheduler.
WHOLES = (
    ("calc_mean", ()),
    ("svd", ("--shape", "2e5x100", "--hardware", "off")),
    ("svd_compressed", ("--hardware", "off")),
    ("shuffle", ()),
    ("empty_tasks", ("--tasks", "10000")),
)


def rows_of(target: str, *options: str) -> list[Row]:
    """Return the rows of a run with accounts."""
    always = ("--workers", str(_WORKERS), "--rounds", "3", "--why", "--format", "json")
    command = [sys.executable, "-m", "daskbench", "bench", target, *options, *always]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    rows: list[Row] = json.loads(done.stdout)["cases"]
    return [row for row in rows if "whole_core_s" in row]


def causes_of(row: Row) -> dict[str, float]:
    """Return the core-seconds of each cause of a row."""
    other = ("whole_core_s", "unexplained_core_s", "system_core_s")
    return {
        name.removesuffix("_core_s"): value
        for name, value in row.items()
        if name.endswith("_core_s") and name not in other
    }


def first_of(row: Row) -> str:
    """Return the largest cause that is neither the work itself nor other programs."""
    causes = causes_of(row)
    return max(causes.keys() - {"computing", "own", "cores"}, key=causes.__getitem__)


def known_truths() -> Iterator[bool]:
    """Print what was put in beside what is told; yield whether they agree."""
    for name, schedulers, cause, core_s, options in KNOWN:
        rows = rows_of(f"{TRUTHS}:{name}", "--schedulers", schedulers, *options)
        for row in rows:
            if name == "short" and row["scheduler"] != "processes":
                continue
            put_in = _pool_start(rows) if name == "short" else core_s
            told = causes_of(row)[cause]
            right = first_of(row) == cause
            text = f"{name} on {row['scheduler']}: {first_of(row)} first"
            if put_in is not None:
                right = right and abs(told / put_in - 1) <= NEAR
                text += f", {told:.3g} of {put_in:.3g} core-s, ratio {told / put_in:.2f}"
            print(f"{text}; {'as put in' if right else f'MISSED: {cause} was put in'}")
            yield right


def _pool_start(rows: list[Row]) -> float:
    """Return what starting the pool took, as told by the row that keeps it."""
    median = {row["scheduler"]: row["median_s"] for row in rows}
    return float(median["processes"] - median["processes-warm"]) * _WORKERS


def wholes() -> Iterator[bool]:
    """Print how much of the whole causes leave unexplained; yield whether that is little."""
    for target, options in WHOLES:
        every = "synchronous,threads,processes,processes-warm,distributed"
        for row in rows_of(target, "--schedulers", every, *options):
            left = row["unexplained_core_s"] / row["whole_core_s"]
            ratio = row["instruments_ratio"]
            print(
                f"{target} on {row['scheduler']}: {left:+.1%} unexplained of "
                f"{row['whole_core_s']:.3g} core-s; bar {WHOLE:.0%}; instruments {ratio:.2f}"
            )
            yield abs(left) <= WHOLE


def main() -> None:
    """Measure all, or with the word ``truths`` or ``wholes`` only these."""
    asked = sys.argv[1:] or ["truths", "wholes"]
    found: list[bool] = []
    found += known_truths() if "truths" in asked else ()
    found += wholes() if "wholes" in asked else ()
    print(f"{sum(found)} of {len(found)} as they should be")


if __name__ == "__main__":
    main()
