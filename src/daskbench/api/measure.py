"""`daskbench.bench`: measure a function as ``daskbench bench`` does, and return the results."""

import signal
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daskbench import asking
from daskbench.api.again import call_of
from daskbench.api.display import progress_for
from daskbench.api.result import Bench, store_of
from daskbench.api.targets import target_of
from daskbench.api.values import values_of
from daskbench.cli.here import HERE
from daskbench.cli.interruption import Interruption
from daskbench.cli.options import RunOptions
from daskbench.cli.plan import lines_of
from daskbench.cli.recording import record
from daskbench.cli.session import check_rooms, ready
from daskbench.experiments.compare import EXPERIMENT
from daskbench.journal.store import Store

#: Functions that go with what is measured.
_BESIDE = ("plain", "check")

Words = str | Iterable[str]
Counts = int | str | Iterable[int]


def bench(
    work: Callable[..., Any] | str | Any,
    *,
    schedulers: Words | None = None,
    workers: Counts | None = None,
    rounds: int | None = None,
    store: str | Path | None = None,
    seed: int = 0,
    force: bool = False,
    progress: bool = True,
    **parameters: Any,
) -> Bench:
    """Measure a function on Dask's schedulers, and return the results.

    Args:
        work: A function that returns Dask collections, or computes by itself; it may be defined in
            this session or a notebook. Also a Dask collection, or a name such as
            ``"FILE.py:NAME"``.
        schedulers: Where to run, such as ``["threads", "distributed"]``; the rows of
            ``daskbench bench`` if not given.
        workers: Numbers of workers, each of which is a row; one per core if not given.
        rounds: How often to measure each row; until every row has a verdict if not given.
        store: The folder of recorded runs, ``.daskbench`` if not given.
        seed: Random seed.
        force: Also run what does not fit into memory, and send along data of any size.
        progress: Show the progress of the run.
        parameters: Values of the function's keyword parameters, each one or a list of several, and
            any other option of ``daskbench bench``, such as ``memory_limit="1GiB"``.

    Returns:
        The run, also if Ctrl-C ended it: what was measured is kept.

    Raises:
        UsageError: If something can't be measured as asked, before anything is.
    """
    given = {"schedulers": schedulers, "workers": workers, "rounds": rounds, **parameters}
    run_options = RunOptions(store_of(store), seed=seed, force=force, progress=progress)
    return measure(work, given, run_options, call=call_of(work, given, run_options))


def measure(
    work: Any,
    given: Mapping[str, Any],
    run_options: RunOptions,
    command: str = "bench",
    call: str = "",
) -> Bench:
    """Measure a function with the given options and parameters, as `call` asked for it.

    Raises UsageError before anything is measured, and JournalError if there is no room for it.
    """
    store = Store(run_options.store)
    run_id = store.new_id(datetime.now(UTC), command)
    try:
        beside = {name: given[name] for name in _BESIDE if callable(given.get(name))}
        given = {name: value for name, value in given.items() if name not in beside}
        with target_of(work, beside, store, run_id, force=run_options.force) as target:
            values = values_of(target.name, given, EXPERIMENT.keys)
            suite = EXPERIMENT.make("bench", target.name, values, HERE)
            plan, forecasts = ready((suite,), run_options)
            check_rooms(plan)
            lines = [*filter(None, [target.told]), *lines_of(plan, forecasts)]
    finally:
        asking.end()  # it holds what a file was, which may be edited before the next call
    shown = progress_for(lines, show=run_options.progress)
    with Interruption((signal.SIGINT,)) as interruption:
        path, ended = record(
            plan, command, run_options, interruption, run_id=run_id, make_progress=shown, call=call
        )
    if ended.full:
        raise ended.full
    return Bench(path)
