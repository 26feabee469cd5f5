"""What workers held, in words, as a table and as a drawing."""

from collections.abc import Iterator

from daskbench.stats.memory import MEASURED_BY, CaseMemory, WorkerMemory
from daskbench.units import format_bytes, format_limit, format_seconds
from daskbench.views.section import Section
from daskbench.views.timeline import LEGEND, events_legend, timeline

#: Only the fullest workers are drawn: more charts than this nobody reads.
_MOST_DRAWN = 2
_TITLES = {
    "process": "process",
    "managed": "managed",
    "unmanaged": "unmanaged",
    "unmanaged_recent": "recent",
    "spilled": "on disk",
}


def section_of(case: CaseMemory, width: int) -> Section:
    """Return the section of a case for a page of that width."""
    limit = f", limit {format_limit(case.limit_bytes)} a worker" if case.limit_bytes else ""
    states = list(dict.fromkeys(state for one in case.workers for state in one.states))
    titles = ["worker, peak (mean)", *_TITLES.values(), *states]
    shuffles = any(one.shuffled_bytes for one in case.workers)
    titles += ["spilled", "read back", "disk time", *(["shuffled"] if shuffles else []), "restarts"]
    rows = [[*_row(one), *_states(one, states), *_disk(one, shuffles)] for one in case.workers]
    return Section(
        f"memory of {case.label}{limit}", titles, rows, _drawing(case, width), [*_words(case)]
    )


def _row(worker: WorkerMemory) -> Iterator[str]:
    yield worker.worker
    for category in _TITLES:
        peak, mean = worker.peak_bytes(category), worker.mean_bytes(category)
        yield f"{format_bytes(peak)} ({format_bytes(mean)})" if peak else "-"


def _states(worker: WorkerMemory, states: list[str]) -> list[str]:
    return [format_seconds(worker.states.get(state, 0.0)) for state in states]


def _disk(worker: WorkerMemory, shuffles: bool) -> list[str]:
    restarts = worker.count("restarted")
    shuffled = [format_bytes(worker.shuffled_bytes)] if shuffles else []
    return [
        format_bytes(worker.written_bytes) if worker.written_bytes else "-",
        format_bytes(worker.read_bytes) if worker.read_bytes else "-",
        format_seconds(worker.disk_s) if worker.disk_s else "-",
        *shuffled,
        str(restarts) if restarts else "-",
    ]


def _drawing(case: CaseMemory, width: int) -> list[str]:
    if not case.is_seen:
        return []
    fullest = sorted(case.workers, key=lambda one: -one.peak_bytes("process"))[:_MOST_DRAWN]
    lines = []
    for worker in sorted(fullest, key=case.workers.index):
        lines += [f"worker {worker.worker}", *timeline(case, worker, width)]
    lines.append(LEGEND)
    if letters := events_legend(fullest):
        lines.append(letters)
    if hidden := len(case.workers) - len(fullest):
        are = "worker, which held less, is" if hidden == 1 else "workers, which held less, are"
        lines.append(f"{hidden} more {are} not drawn")
    return lines


def _words(case: CaseMemory) -> Iterator[str]:
    """Tell what was crossed, when, and what Dask did."""
    if not case.limit_bytes:
        yield "the workers have no memory limit: they neither spill nor pause, whatever they hold"
        return
    if not case.is_seen:
        yield (
            "it was too short to be seen: no worker sent a heartbeat while it ran, and what stands "
            "above was held before (more --rounds, or more work, last long enough)"
        )
    told = [_crossed(case, threshold) for threshold in _judged(case)]
    written = sum(worker.written_bytes for worker in case.workers)
    if written:
        read = sum(worker.read_bytes for worker in case.workers)
        took = sum(worker.disk_s for worker in case.workers)
        told.append(
            f"{format_bytes(written)} in all went to disk and {format_bytes(read)} came back, "
            f"which took the workers {format_seconds(took)}"
        )
    shuffled = sum(worker.shuffled_bytes for worker in case.workers)
    if not written and case.is_seen:
        told.append("nothing was spilled" if shuffled else "nothing went to disk")
    if shuffled:
        told.append(
            f"shuffles wrote {format_bytes(shuffled)} to disk, as they do however much memory is "
            "free: that is no spilling"
        )
    if told:
        yield ". ".join(text[0].upper() + text[1:] for text in told) + "."
    if unbalanced := sum(worker.unbalanced for worker in case.workers):
        have = "reading has" if unbalanced == 1 else "readings have"
        yield (
            f"{unbalanced} {have} categories that don't add up to the process's memory: "
            "shown as the scheduler told them"
        )


def _judged(case: CaseMemory) -> Iterator[str]:
    """Yield the thresholds of which something can be said."""
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
    """Tell of one threshold: whether it was crossed, by whom and when, and what followed."""
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
        return f"{name} was not reached: {format_bytes(most)} at most"
    first = min(crossed, key=lambda worker: crossed[worker])
    who = f"worker {first}" if len(crossed) == 1 else f"{len(crossed)} workers, {first} first,"
    text = f"{name} was crossed by {who} after {format_seconds(crossed[first])}"
    return f"{text}: {follows}" if (follows := _followed(case, threshold)) else text


def _followed(case: CaseMemory, threshold: str) -> str:
    """Say what Dask did about a threshold."""
    if threshold in ("target", "spill"):
        moved = sum(worker.evicted_bytes(threshold) for worker in case.workers)
        return (
            f"{format_bytes(moved)} went to disk for it" if moved else "nothing went to disk for it"
        )
    if threshold == "pause":
        paused = sum(worker.count("paused") for worker in case.workers)
        paused_s = sum(worker.states.get("paused", 0.0) for worker in case.workers)
        return f"paused {_times(paused)}, for {format_seconds(paused_s)} in all"
    ended = [event for worker in case.workers for event in worker.events if event.rss_bytes]
    if not ended:
        return "no nanny saw it"
    most = max(event.rss_bytes or 0 for event in ended)
    return (
        f"a nanny ended its worker {_times(len(ended))}, which held {format_bytes(most)} at most; "
        "what was lost with it was computed again"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
