"""What several tests of svd share."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from daskbench.benchmarks.base import Evaluation
from daskbench.benchmarks.linalg.decompositions import Decomposition
from daskbench.benchmarks.linalg.svd import Svd
from daskbench.lane.schedulers.local import Synchronous
from daskbench.lane.work import Work
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing
SMALL: dict[str, Any] = {"shape": "200x10", "chunks": "50x10"}
Answer = Sequence[Any]


def parameters_of(**given: Any) -> dict[str, Any]:
    return {name: parameter.default for name, parameter in Svd.parameters.items()} | given


def svd_of(seed: int = 3, **given: Any) -> Svd:
    return Svd(**parameters_of(**given), seed=seed)


def computed(svd: Svd) -> Decomposition:
    svd.prepare(COMPUTE)
    found = Work(svd).run(COMPUTE)
    assert isinstance(found, Decomposition)
    return found


def looped(svd: Svd) -> Answer:
    return [call() for call in svd.calls()]


def judged(svd: Svd, change: Callable[[Answer], Answer] = lambda answer: answer) -> Evaluation:
    found = computed(svd)
    return svd.account(replace(found, answer=change(found.answer)), COMPUTE)
