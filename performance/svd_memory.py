"""What the exact SVD holds in memory, by method and by rows, beside the bytes of X itself."""

import json
import subprocess
import sys
import tempfile

ROWS = (500_000, 2_000_000, 8_000_000)
METHODS = ("tsqr", "cholesky-qr2", "gram")
COLUMNS = 100
BAR, BAR_ROWS = 0.5, 2_000_000


def main() -> None:
    """Take one sample of each: what counts is the peak of all processes of a lane together."""
    shapes = ",".join(f"{rows}x{COLUMNS}" for rows in ROWS)
    command = [sys.executable, "-m", "daskbench", "svd", "--format", "json", "--workers", "2"]
    command += ["--rounds", "1", "--warmup", "0", "--hardware", "off", "--shape", shapes]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, "--method", ",".join(METHODS)], cwd=folder, check=True, capture_output=True
        )
    cases = json.loads(done.stdout)["cases"]
    for method in METHODS:
        peaks = [case["peak_rss_bytes"] / 2**20 for case in cases if case["method"] == method]
        for rows, peak in zip(ROWS, peaks, strict=True):
            whole = rows * COLUMNS * 8 / 2**20
            bar = f", bar {BAR:.0%}" if rows == BAR_ROWS else ""
            print(
                f"{method}, {rows:,} rows: {peak:.0f} MiB in all processes, "
                f"{peak / whole:.0%} of X{bar}"
            )
        grown = (peaks[-1] - peaks[0]) / (ROWS[-1] - ROWS[0]) * 1e6
        print(f"{method}: {grown:.1f} MiB more for each million rows, of which X has 763")


if __name__ == "__main__":
    main()
