"""What a newcomer expects to find is there, and says what is true."""

from pathlib import Path

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]


def test_ci_runs_the_readmes_commands_and_nothing_else() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line.startswith("make ")]
    assert commands == ["make system-packages", "make test"]
    assert all(command in readme for command in commands)
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    steps = [step.get("run") for step in workflow["jobs"]["linux"]["steps"]]
    assert [step for step in steps if step] == commands


def test_every_template_can_be_read() -> None:
    for path in (*ROOT.glob(".github/**/*.yml"), ROOT / ".pre-commit-config.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8")), path
