"""Check that a lane measures the same work as earlier lanes: samples must not be mixed."""

from collections.abc import Iterator, Mapping

from daskbench.events import Identity
from daskbench.identity import changes, source_changes
from daskbench.model import Plan
from daskbench.processes.talk import LaneError


class Sameness:
    """The identities of the lanes of a run so far."""

    def __init__(self, plan: Plan, before: Mapping[int, Identity]) -> None:
        self._cases = [case for _, _, case in plan.cases]
        self._known = dict(before)

    def check(self, number: int, found: Identity | None) -> None:
        """Record a lane that has started; raises LaneError if it would not measure the same."""
        if found is None:
            return
        earlier = self._known.get(number)
        changed = [*(changes(earlier, found) if earlier else self._edited(number, found))]
        if changed:
            since = "its lane was started before" if earlier else "the lanes beside it were started"
            raise LaneError(f"changed since {since}: {'; '.join(changed)}")
        self._known[number] = found

    def _edited(self, number: int, found: Identity) -> Iterator[str]:
        """Yield the files edited since other cases of the same benchmark were opened."""
        case = self._cases[number]
        for other, identity in self._known.items():
            beside = self._cases[other]
            if (beside.benchmark, beside.side) == (case.benchmark, case.side):
                yield from source_changes(identity.source, found.source, common=True)
                return
