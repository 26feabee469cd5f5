"""Launches: which rounds belong to which fresh start of the lanes. Both count from 0 and 1: a
launch from 0, as lanes number theirs, a round from 1, over all launches.
"""

from typing import Any

from daskbench.model import Settings


def launch_of(round_number: Any, settings: Settings) -> Any:
    """Return the launch of a round, or of each of an array of rounds, from 0."""
    return (round_number - 1) // settings.rounds if settings.launches > 1 else round_number * 0


def round_of_launch(round_number: int, settings: Settings) -> int:
    """Return which of its launch's rounds it is, from 1."""
    return round_number - int(launch_of(round_number, settings)) * settings.rounds


def first_round(launch: int, settings: Settings) -> int:
    """Return the round with which a launch begins."""
    return launch * settings.rounds + 1


def launches_begun(samples: int, settings: Settings) -> int:
    """Return in how many launches so many samples of a case are taken."""
    return -(-samples // settings.rounds)


def launches_ended(last_round: int, settings: Settings) -> int:
    """Return how many launches are whole by a round."""
    return last_round // settings.rounds


def are_compared(settings: Settings) -> bool:
    """Whether launches are compared with each other; those of a single round make one series."""
    return settings.launches > 1 and settings.rounds > 1
