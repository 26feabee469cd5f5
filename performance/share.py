"""How much of a run at the default sizes is spent in samples and warm-up, once lanes are up."""

import json
import subprocess
import sys
import tempfile

BAR = 0.85


def main() -> None:
    """Run ``daskbench schedulers`` and add up."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "daskbench", "schedulers", "--format", "json"]
        text = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout
    run = json.loads(text)
    startup = sum(case["startup_s"] for case in run["cases"])
    inside = sum(sample["wall_s"] for case in run["cases"] for sample in case["raw_samples"])
    after = run["elapsed_s"] - startup
    print(f"{inside / after:.1%} of {after:.1f} s after start-up are in samples; bar {BAR:.0%}")


if __name__ == "__main__":
    main()
