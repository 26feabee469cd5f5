"""Options of the command line that ask for given cases."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from daskbench.model import Case, Settings, Suite

_USUAL = Settings()


def options_of(cases: Sequence[Case], suite: Suite) -> list[str]:
    """Return the options that give these cases of one benchmark, as words."""
    return [word for option in _options(cases, suite) for word in option]


def _options(cases: Sequence[Case], suite: Suite) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(name for case in cases for name in case.parameters):
        values = (case.parameters[name] for case in cases if name in case.parameters)
        yield f"--{name.replace('_', '-')}", _listed(values)
    yield "--schedulers", _listed(case.scheduler for case in cases)
    for name in ("workers", "threads_per_worker", "memory_limit_bytes"):
        sizes = [size for case in cases if (size := getattr(case, name))]
        if sizes and (name != "threads_per_worker" or {*sizes} != {1}):
            yield f"--{name.removesuffix('_bytes').replace('_', '-')}", _listed(sizes)
    for name, value in _thresholds(cases).items():
        yield f"--{name.removesuffix('_s').replace('_', '-')}", f"{value:g}" if value else "off"
    if suite.settings.blas_threads != _USUAL.blas_threads:
        yield "--blas-threads", str(suite.settings.blas_threads or "native")


def _thresholds(cases: Sequence[Case]) -> dict[str, float]:
    return {name: value for case in cases for name, value in case.thresholds.given.items()}


def _listed(values: Iterable[Any]) -> str:
    texts = (repr(value) if isinstance(value, float) else str(value) for value in values)
    return ",".join(dict.fromkeys(texts))
