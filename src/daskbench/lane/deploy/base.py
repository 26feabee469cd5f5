"""The base of all deployments: a cluster that a lane starts and closes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from daskbench.lane.deploy.options import check_names, check_servers
from daskbench.lane.protocol import Open


class Deployment(ABC):
    """A cluster of one kind, with the options of a case.

    `script` is the script of its jobs, if its workers are jobs, and `queued_s` how long these
    waited.
    """

    script = ""
    queued_s: float | None = None

    def __init__(self, case: Open) -> None:
        self.case = case
        self.kind = str(case.cluster["kind"])
        self.options: dict[str, Any] = dict(case.cluster.get("options") or {})

    @property
    def shown(self) -> str:
        """The kind, without the folder of a user's file."""
        return self.kind.rpartition("/")[2]

    @abstractmethod
    def start(self) -> Any:
        """Start the cluster and return it, without waiting for its workers. Raises Explained."""

    def makers(self) -> Sequence[Callable[..., Any]]:
        """Return the functions and classes that get the options; none if they can't be checked."""
        return ()

    def check(self) -> None:
        """Raise Explained if it is known, without starting anything, that it can't be started."""
        given = self.case.cluster.get("options") or {}
        if makers := self.makers():
            check_names(self.kind, given, makers)
            check_servers(self.kind, given)

    def script_of(self) -> str:
        """Return the script of a job without starting anything; empty if there are no jobs.

        Raises Explained if the options contradict each other.
        """
        return ""

    def expected(self, cluster: Any) -> int:
        """Return how many workers to wait for."""
        return self.case.workers or len(getattr(cluster, "worker_spec", ())) or 1

    def waiting(self) -> str:
        """Describe what missing workers wait for; empty if unknown."""
        return ""

    def lost(self, *, afresh: bool = False) -> str:
        """Return why workers have ended or will never come; empty if unknown.

        What is known may be seconds old, unless it is asked for `afresh`.
        """
        return ""

    def is_left(self) -> bool:
        """Whether something of the cluster remains after it was closed."""
        return False
