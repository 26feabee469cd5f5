"""The rounds of each launch: launches count from 0, rounds from 1 over all launches."""

from typing import Any

from daskbench.model import Settings


def launch_of(round_number: Any, settings: Settings) -> Any:
    """Return the launch of a round, or of each round in an array, from 0."""
    return (round_number - 1) // settings.rounds if settings.launches > 1 else round_number * 0


def round_of_launch(round_number: int, settings: Settings) -> int:
    """Return the number of a round within its launch, from 1."""
    return round_number - int(launch_of(round_number, settings)) * settings.rounds


def first_round(launch: int, settings: Settings) -> int:
    """Return the first round of a launch."""
    return launch * settings.rounds + 1


def launches_begun(samples: int, settings: Settings) -> int:
    """Return the number of launches begun after so many samples of a case."""
    return -(-samples // settings.rounds)


def launches_ended(last_round: int, settings: Settings) -> int:
    """Return the number of launches that are complete after `last_round`."""
    return last_round // settings.rounds


def are_compared(settings: Settings) -> bool:
    """Whether launches are compared; if each has a single round, they form one series."""
    return settings.launches > 1 and settings.rounds > 1
