"""Worker memory: in words, as a table, and as charts of the fullest workers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from daskbench.document import Column, Row, Said, Section, Shown, Table
from daskbench.document.chart import Bar, Chart, Layer, Level, Mark
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.writers import Held
from daskbench.events import Reading
from daskbench.stats.memory import MEASURED_BY, CaseMemory, WorkerMemory
from daskbench.units import counted, format_bytes, format_limit, format_seconds

#: Only the fullest workers are drawn: nobody reads more charts than this.
_MOST_DRAWN = 2
_TITLES = {
    "process": "process",
    "managed": "managed",
    "unmanaged": "unmanaged",
    "unmanaged_recent": "recent",
    "spilled": "on disk",
}
#: The others are shown where there is room.
_SHOWN: dict[str, Shown] = {"process": "always", "managed": "always", "spilled": "always"}
_Field = Field[WorkerMemory]


def section_of(case: CaseMemory, most_drawn: int = _MOST_DRAWN) -> Section:
    """Return the section of a case, with charts of its fullest workers."""
    limit = f", limit {format_limit(case.limit_bytes)} per worker" if case.limit_bytes else ""
    fields = [*_fields(case)]
    rows = [Row(cells_of(fields, worker), bar=_bar(worker)) for worker in case.workers]
    return Section(
        f"memory of {case.label}{limit}",
        [Table(columns_of(fields), rows, bars="peak process")],
        charts=_charts(case, most_drawn),
        chart_note=_not_drawn(case, most_drawn),
        lines=[*_words(case)],
        answer=answer_of(case),
    )


def answer_of(case: CaseMemory) -> str:
    """Return what the memory thresholds cost, and how full the fullest worker was."""
    if case.is_limit_unknown:
        return "the limit of its workers is unknown, as it failed to start"
    if case.limit_bytes and not case.is_seen:
        return "too short to be seen: no heartbeat while it ran; use more --rounds, or more work"
    peak = max(worker.peak_bytes("process") for worker in case.workers)
    fullest = f"the fullest worker held {format_bytes(peak)}"
    if not case.limit_bytes:
        return f"no memory limit, so no worker spills or pauses; {fullest}"
    did = ", ".join(_costs(case)) or "nothing was spilled, and no worker paused"
    return f"{did}; {fullest}, {peak / case.limit_bytes:.0%} of its limit"


def _costs(case: CaseMemory) -> Iterator[str]:
    """Yield what Dask did to stay below the limit, the worst first."""
    if ended := sum(worker.count("terminated") for worker in case.workers):
        yield f"{counted(ended, 'worker')} terminated, with the data lost"
    if paused := sum(worker.count("paused") for worker in case.workers):
        paused_s = sum(worker.states.get("paused", 0.0) for worker in case.workers)
        yield f"paused {_times(paused)} for {format_seconds(paused_s)}"
    if written := sum(worker.written_bytes for worker in case.workers):
        disk_s = sum(worker.disk_s for worker in case.workers)
        yield f"{format_bytes(written)} spilled to disk, {format_seconds(disk_s)} of disk time"


def _bar(worker: WorkerMemory) -> Bar | None:
    """Return the process memory at its peak, and in the mean."""
    peak = worker.peak_bytes("process")
    return Bar(peak) if peak else None


def _fields(case: CaseMemory) -> Iterator[_Field]:
    states = dict.fromkeys(state for one in case.workers for state in one.states)
    return _fields_of(states, shuffles=any(one.shuffled_bytes for one in case.workers))


def _fields_of(states: Iterable[str], *, shuffles: bool) -> Iterator[_Field]:
    name: Column[Any] = Column("worker", "worker, peak (mean)", right=False)
    yield Field(name, lambda one: one.worker)
    for category, title in _TITLES.items():
        yield _held(category, title)
    yield from map(_state, states)
    yield _sum("written_bytes", "spilled", format_bytes)
    yield _sum("read_bytes", "read back", format_bytes)
    yield _sum("disk_s", "disk time", format_seconds)
    if shuffles:
        yield _field("shuffled_bytes", "shuffled", format_bytes, lambda one: one.shuffled_bytes)
    yield _field("restarts", "restarts", str, lambda one: one.count("restarted") or None)


def _field(
    name: str,
    title: str,
    write: Callable[[Any], str],
    value: Callable[[WorkerMemory], Any],
    shown: Shown = "always",
) -> _Field:
    return Field(Column(name, title, write, shown=shown), value)


def _sum(name: str, title: str, write: Callable[[Any], str]) -> _Field:
    """Return the column of a sum over the readings of a worker; 0 is no figure."""
    return _field(name, title, write, lambda one: getattr(one, name) or None, "asked")


def _held(category: str, title: str) -> _Field:
    def value(worker: WorkerMemory) -> Held | None:
        peak = worker.peak_bytes(category)
        return Held(peak, worker.mean_bytes(category)) if peak else None

    return _field(f"{category}_bytes", title, str, value, _SHOWN.get(category, "room"))


def _state(state: str) -> _Field:
    shown: Shown = "room" if state == "running" else "always"
    return _field(state, state, format_seconds, lambda one: one.states.get(state, 0.0), shown)


#: Every column that such a table may have.
COLUMNS = columns_of([*_fields_of(("running", "paused"), shuffles=True)])


def _charts(case: CaseMemory, most: int) -> list[Chart]:
    if not case.is_seen:
        return []
    fullest = sorted(case.workers, key=lambda one: -one.peak_bytes("process"))[:most]
    return [chart_of(case, worker) for worker in sorted(fullest, key=case.workers.index)]


def _not_drawn(case: CaseMemory, most: int) -> str:
    hidden = len(case.workers) - most
    if hidden <= 0 or not case.is_seen:
        return ""
    are = "worker with a lower peak is" if hidden == 1 else "workers with lower peaks are"
    return f"{hidden} {are} not drawn"


def chart_of(case: CaseMemory, worker: WorkerMemory) -> Chart:
    """Return a worker's memory over the time that it was awake, against its thresholds."""
    readings = worker.readings
    levels = ((name, case.level_bytes(name)) for name in case.thresholds)
    spilled = [one.spilled_bytes for one in readings]
    return Chart(
        title=f"worker {worker.worker}",
        at_s=[worker.awake_s(one.at_s) for one in readings],
        length_s=worker.awake_s(readings[-1].at_s),
        layers=[
            Layer("managed", [one.managed_bytes for one in readings]),
            Layer("unmanaged", [one.unmanaged_bytes for one in readings]),
            Layer("unmanaged recent", [_rest(one) for one in readings]),
        ],
        levels=[
            Level(f"{name} {case.thresholds[name]:.0%}", level)
            for name, level in levels
            if level is not None
        ],
        apart=Layer("on disk", spilled) if any(spilled) else None,
        marks=[Mark(worker.awake_s(event.at_s), event.what) for event in worker.events],
        limit=case.limit_bytes,
    )


def _rest(reading: Reading) -> int:
    """Return the unmanaged recent memory of a process."""
    return max(reading.process_bytes - reading.managed_bytes - reading.unmanaged_bytes, 0)


def _words(case: CaseMemory) -> Iterator[str | Said]:
    """Yield which thresholds were crossed, when, and what Dask did; its answer has it in short."""
    if case.is_limit_unknown:
        yield Said("the limit of its workers is unknown, as it failed to start", None)
        return
    if not case.limit_bytes:
        yield Said("the workers have no memory limit, so they never spill or pause", None)
        return
    if not case.is_seen:
        yield Said(
            "too short to be seen: no worker sent a heartbeat while it ran, so the memory above is "
            "from before; use more --rounds, or more work",
            None,
        )
    told = [_crossed(case, threshold) for threshold in _judged(case)]
    written = sum(worker.written_bytes for worker in case.workers)
    if written:
        read = sum(worker.read_bytes for worker in case.workers)
        took = sum(worker.disk_s for worker in case.workers)
        told.append(
            f"{format_bytes(written)} in all was written to disk and {format_bytes(read)} read "
            f"back, which took the workers {format_seconds(took)}"
        )
    shuffled = sum(worker.shuffled_bytes for worker in case.workers)
    if not written and case.is_seen:
        told.append("nothing was spilled" if shuffled else "nothing went to disk")
    if shuffled:
        told.append(
            f"shuffles wrote {format_bytes(shuffled)} to disk, which they do however much memory "
            "is free, so it is not spilling"
        )
    if told:
        yield Said(". ".join(text[0].upper() + text[1:] for text in told) + ".", _brief(case))
    if unbalanced := sum(worker.unbalanced for worker in case.workers):
        have = "reading has" if unbalanced == 1 else "readings have"
        yield (
            f"{unbalanced} {have} categories that don't add up to process memory; shown as the "
            "scheduler reported them"
        )


def _brief(case: CaseMemory) -> str | None:
    """Return which thresholds were crossed, and which are off; None if none is either."""
    levels = {name: case.level_bytes(name) for name in _judged(case)}
    first = {name: _first_s(case, name, level) for name, level in levels.items() if level}
    crossed = {name: at_s for name, at_s in first.items() if at_s is not None}
    told = [f"{name} crossed after {format_seconds(at_s)}" for name, at_s in crossed.items()]
    told += [f"{name} off" for name, level in levels.items() if level is None]
    return ", ".join(told) or None


def _first_s(case: CaseMemory, threshold: str, level: float) -> float | None:
    """Return when the first worker crossed a threshold; None if none did."""
    times = (worker.first_at(threshold, level) for worker in case.workers)
    return min((at_s for at_s in times if at_s is not None), default=None)


def _judged(case: CaseMemory) -> Iterator[str]:
    """Yield the thresholds that can be judged."""
    for threshold in MEASURED_BY:
        level = case.level_bytes(threshold)
        known = (
            case.is_seen
            or level is None
            or any(worker.first_at(threshold, level) is not None for worker in case.workers)
        )
        if threshold in case.thresholds and known:
            yield threshold


def _crossed(case: CaseMemory, threshold: str) -> str:
    """Return whether a threshold was crossed, by which worker, when, and what followed."""
    level = case.level_bytes(threshold)
    if level is None:
        return f"{threshold} was off"
    what = MEASURED_BY[threshold]
    name = f"{threshold} ({case.thresholds[threshold]:.0%}, {format_bytes(level)} {what})"
    crossed = {
        worker.worker: at_s
        for worker in case.workers
        if (at_s := worker.first_at(threshold, level)) is not None
    }
    if not crossed:
        most = max(worker.peak_bytes(what) for worker in case.workers)
        return f"{name} was not reached: peak {format_bytes(most)}"
    first = min(crossed, key=lambda worker: crossed[worker])
    who = f"worker {first}" if len(crossed) == 1 else f"{len(crossed)} workers, {first} first,"
    text = f"{name} was crossed by {who} after {format_seconds(crossed[first])}"
    return f"{text}: {follows}" if (follows := _followed(case, threshold)) else text


def _followed(case: CaseMemory, threshold: str) -> str:
    """Return what Dask did when a threshold was crossed."""
    if threshold in ("target", "spill"):
        moved = sum(worker.evicted_bytes(threshold) for worker in case.workers)
        return (
            f"{format_bytes(moved)} spilled because of it"
            if moved
            else "nothing spilled because of it"
        )
    if threshold == "pause":
        paused = sum(worker.count("paused") for worker in case.workers)
        paused_s = sum(worker.states.get("paused", 0.0) for worker in case.workers)
        if not paused:
            return "no worker was observed to pause"
        return f"paused {_times(paused)}, for {format_seconds(paused_s)} in all"
    ended = [event for worker in case.workers for event in worker.events if event.rss_bytes]
    if not ended:
        return "no nanny noticed"
    most = max(event.rss_bytes or 0 for event in ended)
    return (
        f"a nanny terminated its worker {_times(len(ended))}, at up to {format_bytes(most)}, and "
        "the worker's data was lost"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
