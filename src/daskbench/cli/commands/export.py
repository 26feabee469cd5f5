"""``daskbench export``."""

from pathlib import Path

import click

from daskbench.cli import options
from daskbench.cli.files import check_targets
from daskbench.cli.output import tell, write_files
from daskbench.config import option_name
from daskbench.errors import UsageError
from daskbench.experiments.report import build
from daskbench.formats import INTEROP, render_file
from daskbench.journal.read import read_run
from daskbench.journal.store import LATEST, Store

EPILOG = """\b
Examples:
  daskbench export latest --csv results.csv --json results.json
  daskbench export latest --samples --csv samples.csv
  daskbench export latest --timeline timeline.csv --events events.csv
  daskbench export latest --markdown - | less
  daskbench export latest --pyperf run.json && python -m pyperf stats run.json"""


@click.command(epilog=EPILOG)
@click.argument("run", default=LATEST)
@click.option(
    "--samples", is_flag=True, help="Write one row per sample to the CSV, not one per case."
)
@options.file_options(options.FILES | options.INTEROP_FILES)
@options.store_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    run: str,
    samples: bool,
    force: bool,
    store: Path,
    **files: str | None,
) -> None:
    """Export a run to CSV, JSON or Markdown, or for other tools.

    Readings of worker memory can be exported too.

    A file named - is stdout.
    """
    if not any(files.values()):
        names = " or ".join(f"--{option_name(name)}" for name in files)
        raise UsageError(f"nothing to write; name a file with {names}")
    csv = files["csv"]
    if samples and not csv:
        raise UsageError("--samples needs --csv; the JSON always has the samples")
    check_targets(files, force=force)
    report = build(read_run(Store(store).find_or_file(run)))
    if not report.memory and (name := files["timeline"] or files["events"]):
        raise UsageError(
            f"nothing to write to {name}: the run did not read worker memory; measure with --memory"
        )
    tools = [name for what in INTEROP if (name := files[what])]
    if tools and not any(result.samples for result in report.results):
        raise UsageError(
            f"nothing to write to {tools[0]}: run {report.run.run_id} has no valid sample"
        )

    def render(what: str) -> str:
        return render_file("samples" if samples and what == "csv" else what, report.document)

    ctx.exit(tell(write_files(files, render, force=force)))
