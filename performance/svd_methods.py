"""The three methods of the exact SVD on an X that the workers hold, and what the checks cost."""

import json
import subprocess
import sys
import tempfile
from typing import Any

COLUMNS = 100
#: How many times as fast as tsqr each method has to be.
BARS = {("s", "cholesky-qr2"): 2.0, ("s", "gram"): 5.0, ("usv", "cholesky-qr2"): 1.5}
TOLERANCE = 1e-12
ORTHOGONALITY = "|U'U-I|"
ORTHOGONAL = 1e-13 * COLUMNS**0.5
CHECKS = 0.20


def main() -> None:
    """Measure each computation in a run of its own, as both would not fit a small machine."""
    for compute in ("s", "usv"):
        run = measure("--input", "persist", "--compute", compute)
        for case in run["cases"]:
            if case["benchmark"] == "svd":
                print(f"persist, {compute}, {case['method']}: {speed_up(case)}; {exactness(case)}")
        print(f"persist, {compute}: {checks(run)}")
    for compute in ("s", "usv"):
        print(f"generate, {compute}: {checks(measure('--compute', compute))}")
    for compute in ("s", "usv"):
        run = measure("--compute", compute, benchmark="svd-compressed")
        print(f"svd-compressed, {compute}: {checks(run)}")


def measure(*options: str, benchmark: str = "svd") -> Any:
    """Run a command at the lesson's size."""
    command = [sys.executable, "-m", "daskbench", benchmark, "--format", "json"]
    if benchmark == "svd":
        command += ["--workers", "2", "--method", "tsqr,cholesky-qr2,gram"]
    command += options
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return json.loads(done.stdout)


def speed_up(case: dict[str, Any]) -> str:
    """Return how many times as fast as tsqr a method is, with its interval and its bar."""
    if case["method"] == "tsqr":
        return f"{case['median_s']:.2f} s"
    bar = BARS.get((case["compute"], case["method"]))
    low, high = 1 / case["ratio_high"], 1 / case["ratio_low"]
    return f"{1 / case['ratio']:.2f} x as fast as tsqr [{low:.2f}, {high:.2f}]" + (
        f", bar {bar} x" if bar else ""
    )


def exactness(case: dict[str, Any]) -> str:
    """Return how exact s is, and how orthogonal u is."""
    text = f"s to {case['error']:.1e}, bar {TOLERANCE:.0e}"
    if ORTHOGONALITY in case:
        text += f"; |U'U-I| {case[ORTHOGONALITY]:.1e}, bar {ORTHOGONAL:.0e}"
    return text


def checks(run: Any) -> str:
    """Return the part of the run that is spent on checks and probes outside the clock."""
    samples = [sample for case in run["cases"] for sample in case["raw_samples"]]
    outside = sum(one["watched_s"] - one["wall_s"] - one["build_s"] for one in samples)
    share = outside / (run["elapsed_s"] - outside)
    return f"checks and probes outside the clock add {share:.1%} to {run['elapsed_s']:.0f} s" + (
        f", bar {CHECKS:.0%}"
    )


if __name__ == "__main__":
    main()
