"""What one worker held over time, drawn with characters: it needs no colour."""

from collections.abc import Sequence
from math import ceil

from daskbench.events import Reading
from daskbench.stats.memory import CaseMemory, WorkerMemory
from daskbench.units import format_bytes, format_seconds

#: From the bottom up: characters that differ in print and for the colour-blind.
MANAGED, UNMANAGED, RECENT, LINE = "█", "▒", "░", "─"
LEGEND = f"{MANAGED} managed  {UNMANAGED} unmanaged  {RECENT} unmanaged recent"
_LEVELS = " ▁▂▃▄▅▆▇█"
_ROWS = 10
_LEFT = 11
_LEAST = 10
#: Letters of events; where several fall on one place the later in this order is seen.
EVENTS = {
    "spill-ended": "s",
    "spill-began": "S",
    "resumed": "r",
    "paused": "P",
    "restarted": "N",
    "left": "X",
    "terminated": "T",
}
_WORDS = {
    "S": "spill began",
    "s": "spill ended",
    "P": "paused",
    "r": "resumed",
    "T": "terminated by its nanny",
    "X": "left",
    "N": "new process",
}


def timeline(case: CaseMemory, worker: WorkerMemory, width: int) -> list[str]:
    """Return the lines of a chart, `width` characters wide at most."""
    readings = worker.readings
    top = worker.peak_bytes("process")
    if top * _ROWS * 2 > (limit := case.limit_bytes or 0):  # else nothing would be seen below it
        top = max(top, limit)
    step = max(top / _ROWS, 1.0)
    rows = max(ceil(top / step), 1)
    labels = [", ".join(_names(case, row, rows, top)) for row in range(rows)]
    most = worker.peak_bytes("spilled")
    columns = max(width - _LEFT - max(map(len, [*labels, format_bytes(most)])) - 1, _LEAST)
    length_s = worker.awake_s(readings[-1].at_s)

    def place(at_s: float) -> int:
        return min(int(worker.awake_s(at_s) / (length_s or 1.0) * columns), columns - 1)

    shown = _by_column(readings, [place(reading.at_s) for reading in readings], columns)
    lines = [_row(shown, row, step, labels[row]) for row in reversed(range(rows))]
    lines.append(" " * (_LEFT - 1) + "└" + "─" * columns)
    if most:
        disk = "".join(_LEVELS[ceil(one.spilled_bytes / most * 8)] for one in shown)
        lines.append(f"{'on disk':>{_LEFT - 2}}  {disk} {format_bytes(most)}")
    if worker.events:
        marks = [" "] * columns
        for what, letter in EVENTS.items():
            for event in worker.events:
                if event.what == what:
                    marks[place(event.at_s)] = letter
        lines.append(f"{'events':>{_LEFT - 2}}  {''.join(marks)}")
    end = format_seconds(length_s)
    lines.append(" " * _LEFT + "0 s" + end.rjust(columns - 3))
    return [line.rstrip()[:width] for line in lines]


def events_legend(workers: Sequence[WorkerMemory]) -> str:
    """Say what the letters mean that were used."""
    used = {EVENTS[event.what] for worker in workers for event in worker.events}
    return ", ".join(f"{letter} {words}" for letter, words in _WORDS.items() if letter in used)


def _by_column(readings: Sequence[Reading], places: Sequence[int], columns: int) -> list[Reading]:
    """Return a reading for each column: the fullest that falls on it, else the one before."""
    shown: list[Reading | None] = [None] * columns
    for reading, place in zip(readings, places, strict=True):
        there = shown[place]
        if there is None or reading.process_bytes >= there.process_bytes:
            shown[place] = reading
    last, whole = readings[0], []
    for one in shown:
        last = one or last
        whole.append(last)
    return whole


def _names(case: CaseMemory, row: int, rows: int, top: int) -> list[str]:
    """Return the thresholds that lie in a row, if they lie on the chart at all."""
    levels = {name: case.level_bytes(name) for name in case.thresholds}
    return [
        f"{name} {case.thresholds[name]:.0%}"
        for name, level in levels.items()
        if level is not None and level <= top and row == min(int(level / top * rows), rows - 1)
    ]


def _row(shown: Sequence[Reading], row: int, step: float, label: str) -> str:
    """Return one line of the chart: what it begins at, its cells, and the thresholds in it."""
    middle = (row + 0.5) * step
    empty = LINE if label else " "
    cells = "".join(_cell(reading, middle, empty) for reading in shown)
    axis = format_bytes(row * step) if row % 3 == 0 else ""
    return f"{axis:>{_LEFT - 2}} │{cells} {label}"


def _cell(reading: Reading, held: float, empty: str) -> str:
    if held < reading.managed_bytes:
        return MANAGED
    if held < reading.managed_bytes + reading.unmanaged_bytes:
        return UNMANAGED
    return RECENT if held < reading.process_bytes else empty
