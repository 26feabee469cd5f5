"""What several tests of cli share."""

from collections.abc import Sequence
from pathlib import Path

from click.testing import Result

from daskbench.errors import ExitCode
from daskbench.events import Event
from daskbench.journal.run import Run
from daskbench.model import Plan
from tests.unit.builders import (
    RUN_ID,
    make_run,
)

SVD = ("svd", "--shape", "200x10", "--workers", "1", "--hardware", "off")
FEW = ("--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3")


def stored(
    here: Path,
    events: Sequence[Event] | None = None,
    plan: Plan | None = None,
    run_id: str = RUN_ID,
    *,
    finish: bool = True,
) -> Run:
    return make_run(here / ".daskbench", events, plan, run_id=run_id, finish=finish)


def told(result: Result, code: ExitCode = ExitCode.USAGE) -> str:
    """The one line of an error, without a traceback."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    errors = [line for line in lines if line.startswith("Error: ")]
    others = [line for line in lines if line and not line.startswith(("Error: ", "Usage: ", "Try"))]
    assert len(errors) == 1
    assert others == []
    return errors[0]
