"""Live progress on stderr: one line per case, with the running mean and the time to go.

It is drawn by the parent process, which measures nothing, and only if stderr is a terminal.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol, Self

from rich.cells import cell_len, set_cell_size
from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from daskbench import harmless
from daskbench.cli.say import say
from daskbench.conductor.conduct import Activity
from daskbench.events import CaseFailed, Event, LaneStarted, Sample, SuiteFinished, Unaccounted
from daskbench.experiments import experiment_of
from daskbench.launches import launches_begun
from daskbench.model import Plan
from daskbench.stats.names import names_of
from daskbench.stats.precision import goes_on, least_samples
from daskbench.units import format_seconds

_REDRAW_S = 0.5
_LINES_BELOW = 3
_FIGURES = 22


class Silent:
    """No progress: stderr is not a terminal, or the user wants none."""

    def show(self, event: Event | Activity) -> None:
        """Show nothing."""

    def tick(self) -> None:
        """Show nothing."""

    def say(self, line: str) -> None:
        """Print a line that stays on the screen."""
        say(line, err=True)

    def tell_link(self, what: str, address: str) -> None:
        """Show the address of a page."""
        self.say(f"{what}: {address}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Screen(Protocol):
    """Where progress is drawn: a terminal, or the output of a notebook's cell."""

    def start(self) -> None:
        """Begin to draw."""

    def update(self, renderable: RenderableType, *, refresh: bool = False) -> None:
        """Draw something in place of what was there."""

    def stop(self) -> None:
        """Remove what was drawn."""


class Progress(Silent):
    """The state of every case of a plan, redrawn when something happens and twice a second."""

    stops = "Ctrl-C stops and shows what was measured"

    def __init__(
        self,
        plan: Plan,
        console: Console,
        clock: Callable[[], float] = monotonic,
        done: Mapping[int, int] | None = None,
        screen: Screen | None = None,
    ) -> None:
        self._cases = plan.cases
        counts = ((suite.name, experiment_of(suite).most_cases(suite)) for suite in plan.suites)
        self._most = {name: most for name, most in counts if most is not None}
        self._names = {n: harmless.cell(name) for n, name in names_of(plan.cases).items()}
        self._times: dict[int, list[float]] = defaultdict(list)
        self._taken: dict[int, list[float]] = defaultdict(list)
        self._samples: dict[int, int] = defaultdict(int, done or {})
        self._state: dict[int, str] = {}
        self._launches: dict[int, int] = defaultdict(int)
        self._ended: set[int] = set()
        self._current = 0
        self._clock = clock
        self._start = self._suite_start = self._since = self._drawn = clock()
        self._console = console
        self._screen = screen or Live(
            self._picture(),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
        )

    def __enter__(self) -> Self:
        self._screen.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._screen.stop()

    def show(self, event: Event | Activity) -> None:
        """Record an event, and redraw."""
        match event:
            case Activity(case, phase):
                self._current, self._state[case] = case, phase
                self._since = self._clock()
            case LaneStarted(case=case):
                self._state[case] = "ready"
            case Sample(case=case):
                self._take(event)
            case SuiteFinished(suite=name):
                self._ended |= {number for number, suite, _ in self._cases if suite.name == name}
                self._suite_start = self._clock()
            case CaseFailed(case=case, reason=reason):
                self._state[case] = f"failed: {reason}"
                self._ended.add(case)
            case Unaccounted(case=case, reason=reason):
                self._state[case] = f"no account: {reason}"
        self._draw()

    def say(self, line: str) -> None:
        """Print a line that stays on the screen, above the display."""
        self._console.print(Text(harmless.line(line)), soft_wrap=True)

    def tick(self) -> None:
        """Redraw if the display is out of date."""
        if self._clock() - self._drawn >= _REDRAW_S:
            self._draw()

    def _take(self, sample: Sample) -> None:
        self._taken[sample.case].append(self._clock() - self._since)
        self._since = self._clock()
        self._launches[sample.case] = sample.launch + 1
        if sample.warmup:
            warm = format_seconds(sample.loop_s)
            self._state[sample.case] = f"warm: {warm}"
            return
        self._samples[sample.case] += 1
        self._state[sample.case] = "" if sample.valid else f"invalid: {sample.reason}"
        if sample.valid:
            self._times[sample.case].append(sample.loop_s)

    def remaining_s(self) -> float | None:
        """Return the expected seconds to go; None before anything was measured.

        With a precision to reach, this is what is left of the budget, infinite without one.
        """
        known = {case: sum(taken) / len(taken) for case, taken in self._taken.items()}
        if not known:
            return None
        typical = sum(known.values()) / len(known)
        left = sum(self._left(number) * known.get(number, typical) for number in self._to_do())
        return min(math.inf if self._is_open_ended() else left, self._budget_left_s())

    def _to_do(self) -> list[int]:
        """Return the cases that still need samples."""
        return [n for n, _, case in self._cases if not case.skip and n not in self._ended]

    def _is_open_ended(self) -> bool:
        to_do = (self._cases[number] for number in self._to_do())
        return any(goes_on(case, suite) for _, suite, case in to_do)

    def _left(self, number: int) -> int:
        """Return how many samples a case still needs, including warm-ups."""
        suite, done = self._cases[number][1], self._samples[number]
        settings, rounds = suite.settings, max(suite.settings.samples - done, 0)
        launches = rounds if suite.in_turns else settings.launches - self._begun(number)
        return rounds + settings.warmup * max(launches, 0)

    def _begun(self, number: int) -> int:
        """Return how many launches have started their warm-up."""
        settings = self._cases[number][1].settings
        if settings.launches == 1:
            return int(bool(self._launches[number] or self._samples[number]))
        return max(self._launches[number], launches_begun(self._samples[number], settings))

    def _budget_left_s(self) -> float:
        """Return the seconds left in the budgets; infinite if a suite has none."""
        ended = self._ended
        budgets = {s.name: s.settings.budget_s for n, s, _ in self._cases if n not in ended}
        spent = self._clock() - self._suite_start
        return max(sum(budget or math.inf for budget in budgets.values()) - spent, 0.0)

    def _count(self, number: int) -> str:
        """Return ``3/7``, or ``3/15+`` if there may be more."""
        _, suite, case = self._cases[number]
        done, least = self._samples[number], least_samples(case, suite)
        if not goes_on(case, suite):
            return f"{done}/{least}"
        return f"{done}/{least}+" if done < least else f"{done}"

    def _draw(self) -> None:
        self._drawn = self._clock()
        self._screen.update(self._picture(), refresh=True)

    def _picture(self) -> RenderableType:
        """Return what to draw; of a search only the trials so far."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        for _ in range(4):
            grid.add_column(no_wrap=True, overflow="ellipsis")
        for number in self._window():
            times = self._times[number]
            mean = f"{format_seconds(sum(times) / len(times))}" if times else ""
            style = "bold" if number == self._current else ""
            cells = (self._name(number), self._count(number), mean, self._state_of(number))
            grid.add_row(*map(Text, cells), style=style)
        outer = Table.grid()
        outer.add_row(grid)
        outer.add_row(Text(self._foot(), style="dim"))
        return outer

    def _state_of(self, number: int) -> str:
        """Return what a case is doing, truncated so that the columns before it fit."""
        names = [cell_len(self._name(shown)) for shown in self._shown()]
        room = max(self._console.width - max(names) - _FIGURES, 0)
        state = harmless.line(self._state.get(number, ""))
        return state if cell_len(state) <= room else set_cell_size(state, room)

    def _name(self, number: int) -> str:
        """Return the name that identifies a case; on a narrow screen its end, which differs."""
        name = self._names[number]
        most = self._console.width // 2
        if cell_len(name) <= most:
            return name
        return f"…{set_cell_size(name[::-1], most - 1)[::-1].lstrip()}"

    def _shown(self) -> list[int]:
        """Return the cases with something to show, if not all will be measured."""
        return [
            number
            for number, suite, _ in self._cases
            if suite.name not in self._most or self._samples[number] or number in self._state
        ]

    def _window(self) -> list[int]:
        """Return the cases that fit on the screen, including the current one."""
        room, shown = max(self._console.height - _LINES_BELOW, 1), self._shown()
        before = sum(number < self._current for number in shown)
        first = max(0, min(before - room // 2, len(shown) - room))
        return shown[first : first + room]

    def _foot(self) -> str:
        spent = format_seconds(max(round(self._clock() - self._start), 1))
        if self._most:
            trial = max(len(self._shown()), 1)
            most = max(*self._most.values(), trial)  # more, if outcomes contradict each other
            return f"{spent}, trial {trial} of at most {most}; {self.stops}"
        return f"{spent}{self._estimate()}; {self.stops}"

    def _estimate(self) -> str:
        left = self.remaining_s()
        if left is None or math.isinf(left):
            return ""
        about = "at most" if self._is_open_ended() else "about"
        return f", {about} {format_seconds(max(round(left), 1))} to go"
