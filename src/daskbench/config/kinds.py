"""What benchmarks.toml and the commands know of an experiment: its keys, and its suites."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from daskbench.config.keys import Key
from daskbench.model import Suite


@dataclass(frozen=True)
class Here:
    """What a plan needs to know about this machine: usable cores, and bytes of memory."""

    cores: Callable[[], int]
    memory_bytes: Callable[[], int]


class Kind(Protocol):
    """A kind of experiment, as a section of benchmarks.toml or a command asks for one."""

    @property
    def benchmark(self) -> str:
        """The benchmark that it measures if none is named; empty if one has to be."""
        ...

    @property
    def keys(self) -> Mapping[str, Key]:
        """Its options, in addition to the parameters of its benchmark."""
        ...

    def make(self, name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
        """Return the suite for these values, as parsed by their keys.

        Raises UsageError if they contradict each other.
        """
        ...
