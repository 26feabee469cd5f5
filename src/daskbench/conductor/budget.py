"""Divide the time budget of a suite: each launch gets an equal share of what is left."""

from daskbench.launches import first_round, launch_of, round_of_launch
from daskbench.model import Settings

#: A budget never stops a launch before this many rounds: fewer give no useful interval.
LEAST_ROUNDS = 3


class Budget:
    """Decides after each round which one is next, and whether the budget is spent."""

    def __init__(self, settings: Settings, start_s: float) -> None:
        self.settings, self.start_s = settings, start_s
        self.is_spent = False
        self._first: int | None = None

    def after(self, round_number: int, elapsed_s: float) -> int:
        """Return the round after one that was just measured.

        It is the first of the next launch if this one has spent its share. A resumed run has its
        full budget again, for the remaining launches.
        """
        budget_s, launch = self.settings.budget_s, launch_of(round_number, self.settings) + 1
        self._first = self._first or launch
        if not budget_s or self._is_early(round_number):
            return round_number + 1
        spent_s, launches = elapsed_s - self.start_s, self.settings.launches
        self.is_spent = spent_s >= budget_s
        parts = launches - self._first + 1
        if launch < launches and spent_s >= budget_s * (launch - self._first + 1) / parts:
            return first_round(launch, self.settings)
        return round_number + 1

    def _is_early(self, round_number: int) -> bool:
        done = round_of_launch(round_number, self.settings)
        if self.settings.decide and self.settings.launches == 1:
            return round_number < self.settings.rounds
        least = LEAST_ROUNDS if self.settings.launches == 1 else self.settings.rounds
        return round_number < LEAST_ROUNDS or done < min(LEAST_ROUNDS, least)
