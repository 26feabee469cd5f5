"""``daskbench doctor``."""

import importlib.util
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from daskbench import environment, resources, trust
from daskbench.cli.options import store_option
from daskbench.cli.say import say
from daskbench.errors import DaskbenchError
from daskbench.events import Identity
from daskbench.experiments import calibration, overhead
from daskbench.identity import described, switches_that_disturb
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.units import counted, format_bytes, format_seconds

_BUSY = 0.5
_COARSE_S = 1e-6


class Check(NamedTuple):
    """One check: what was found and, if it should be fixed, how."""

    name: str
    found: str
    mend: str | None = None


EPILOG = """\b
Examples:
  daskbench doctor
  srun --cpus-per-task 4 --mem 8G daskbench doctor    what a job has"""


@click.command(epilog=EPILOG)
@store_option
def command(store: Path) -> None:
    """Check this machine for anything that would disturb a measurement, and say how to fix it."""
    checks = [check for look in _LOOKS for check in look()]
    checks += [_latest(Store(store), *one) for one in _MEASURED]
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark = click.style("!", fg="yellow") if check.mend else " "
        say(f" {check.name:<{width}}  {check.found}", mark=mark)
        if check.mend:
            say(f"  {'':<{width}}  -> {check.mend}")
    mends = sum(check.mend is not None for check in checks)
    say(f"{counted(mends, 'problem')} found" if mends else "no problems found")


def _versions() -> Iterator[Check]:
    here = environment.describe()
    yield Check("python", f"{here['python']} on {here['platform']}")
    for name in environment.PACKAGES:
        found = here["versions"].get(name)
        yield Check(name, found or "missing", None if found else f"pip install {name}")


def _limits() -> Iterator[Check]:
    usable, there = environment.cores(), os.cpu_count() or 1
    memory, limited = resources.memory(), resources.cores().source
    yield Check("processor", environment.cpu_model())
    yield Check(
        "cores",
        f"{usable} usable of {there}{_by(limited)}",
        None if usable > 1 else "with one core, no scheduler can be faster than NumPy",
    )
    yield Check("memory", f"{format_bytes(int(memory.amount))} usable{_by(memory.source)}")


def _by(source: str) -> str:
    """Name the source of a limit, unless it is the machine itself."""
    return "" if source == resources.MACHINE else f" ({source})"


def _blas() -> Iterator[Check]:
    from daskbench.lane.probes.blas import blas_info

    for blas in blas_info():
        yield Check(
            "BLAS",
            f"{blas['api']} {blas['version']}, {blas['threads']} threads by default; "
            "lanes get 1 each unless --blas-threads says otherwise",
        )


def _timer() -> Iterator[Check]:
    steps = set()
    for _ in range(1000):
        first = time.perf_counter()
        while (second := time.perf_counter()) == first:
            pass
        steps.add(second - first)
    step = min(steps)
    coarse = None if step < _COARSE_S else "set --min-time to more than 10,000 times this"
    yield Check("timer", f"perf_counter, steps of {format_seconds(step)}", coarse)


def _quiet() -> Iterator[Check]:
    import psutil

    load, busy = os.getloadavg()[0], psutil.cpu_percent(interval=0.5) / 100 * (os.cpu_count() or 1)
    mend = "close other programs before measuring" if busy > _BUSY else None
    yield Check("load", f"{load:.2f} over the last minute, {busy:.1f} cores busy now", mend)
    swap = psutil.swap_memory()
    mend = "free memory: times measured while swapping mean nothing" if swap.used else None
    found = (
        f"{format_bytes(swap.used)} of {format_bytes(swap.total)} used" if swap.total else "none"
    )
    yield Check("swap", found, mend)


def _temporary() -> Iterator[Check]:
    folder = environment.temp_folder()
    kind = environment.filesystem(folder)
    if not folder.is_dir():
        yield Check("temp folder", f"{folder} does not exist", "it is created when a run needs it")
        return
    free = format_bytes(shutil.disk_usage(folder).free)
    in_memory = kind in ("tmpfs", "ramfs")
    yield Check(
        "temp folder",
        f"{folder} on {kind or 'an unknown file system'}, {free} free",
        "data spilled there stays in memory: set TMPDIR or DASK_TEMPORARY_DIRECTORY to a disk"
        if in_memory
        else None,
    )


def _extras() -> Iterator[Check]:
    dot = shutil.which("dot")
    yield Check("dot", dot or "missing", None if dot else "install graphviz to draw task graphs")
    drawing = importlib.util.find_spec("graphviz")
    yield Check(
        "graphviz",
        "installed" if drawing else "missing",
        None if drawing else "pip install 'daskbench[look]' for --graph",
    )
    bokeh = importlib.util.find_spec("bokeh")
    yield Check(
        "bokeh",
        "installed" if bokeh else "missing",
        None if bokeh else "pip install 'daskbench[look]' for dashboard, report and --html",
    )
    knocks = importlib.util.find_spec("gilknocker")
    yield Check(
        "gilknocker",
        "installed" if knocks else "missing",
        None if knocks else "pip install 'daskbench[why]' so that --why tells the GIL apart",
    )


def _configuration() -> Iterator[Check]:
    """Report what the user's configuration changes, and what makes Python itself slower here."""
    from daskbench.lane.probes.identity import digest_of, process_identity

    acts = msgspec.convert(process_identity(digest_of(trust.digest_key().hex())), Identity)
    for line in switches_that_disturb(acts):
        yield Check("Python", line, "lanes inherit it: unset it to measure")
    for key, setting in acts.config.items():
        yield Check("Dask's config", described(key, setting))
    if not acts.config:
        yield Check("Dask's config", "as installed")


def _latest(
    store: Store, name: str, command: str, told_by: Callable[[Run], list[str]], why: str
) -> Check:
    """Return the result of the latest run of a command in the store that has one."""
    for run_id in reversed([one for one in store.run_ids if f"-{command}-" in one]):
        try:
            run = read_run(store.path(run_id))
        except DaskbenchError as error:
            return Check(name, str(error), f"daskbench delete {run_id}")
        told = "; ".join(told_by(run))
        if told:
            changed = environment.differences(run.environment, environment.describe())
            when = run.header.started.partition("T")[0]
            anew = f"run 'daskbench {command}' again: {'; '.join(changed)}" if changed else None
            return Check(name, f"{when}, {told}", anew)
    return Check(name, f"not yet: 'daskbench {command}' measures {why}")


#: What is measured once on a machine: its name, the command, what its run tells, and why.
_MEASURED = (
    ("calibrated", "calibrate", calibration.told_by, "how reliable verdicts are"),
    ("cost of a task", "overhead", overhead.told_by, "what a task costs on each scheduler"),
)

_LOOKS = (_versions, _limits, _configuration, _blas, _timer, _quiet, _temporary, _extras)
