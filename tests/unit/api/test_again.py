"""What the journal keeps of a call from Python."""

from pathlib import Path
from typing import Any

import pytest

import daskbench
from daskbench.api.again import call_of, magic_of
from daskbench.api.targets import name_of
from daskbench.cli.options import RunOptions
from daskbench.journal.read import read_run
from tests.unit.fakes import FakeLanes


def build(n: int = 1) -> None:
    """Stand in for a function of a module."""


def call(work: Any, given: dict[str, Any], **more: Any) -> str:
    return call_of(work, given, RunOptions(Path(), **more))


def test_a_call_is_kept(here: Path, lanes: FakeLanes) -> None:
    few: dict[str, Any] = {"schedulers": ["numpy", "threads"], "workers": 2, "tasks": 100}
    found = daskbench.bench("calc_mean", rounds=2, n=1000, **few)
    header = read_run(found.path).header
    assert header.words == ()
    assert header.call == (
        "daskbench.bench('calc_mean', schedulers=['numpy', 'threads'], workers=2, rounds=2, "
        "n=1000, tasks=100)"
    )
    daskbench.bench("calc_mean", rounds=2, n=1000, **few).report()
    assert "daskbench.bench(&#x27;calc_mean&#x27;, schedulers=" in found.report().html


def test_it_is_python_again() -> None:
    given = {"n": range(1, 3), "limit": None, "text": "a'b", "option": {"a": [1.5]}}
    text = call("calc_mean", given, seed=3, force=True)
    again: list[tuple[Any, ...]] = []
    eval(text.removeprefix("daskbench."), {"bench": lambda *a, **b: again.append((a, b))})
    own = {name: value for name, value in given.items() if value is not None}
    assert again == [(("calc_mean",), {**own, "seed": 3, "force": True})]


def test_functions_are_named_and_what_has_no_text_is_left_open() -> None:
    assert call(build, {}) == f"daskbench.bench({name_of(build)!r})"
    assert call(build, {"plain": build}) == "daskbench.bench(build, plain=build)"
    assert call(lambda: None, {"workers": iter([1])}) == "daskbench.bench(lambda, workers=...)"
    assert call(build, {"n": "x" * 20_000}) == ""
    assert call("\ud800.py:f", {}).isprintable()


@pytest.mark.parametrize(
    "given",
    [
        {"password": "hunter22"},
        {"cluster_option": {"password": "hunter22"}},
        {"address": "tls://user:hunter22@host:1"},
        {"env": ["API_TOKEN=hunter22"]},
    ],
)
def test_secrets_are_not_kept(given: dict[str, Any]) -> None:
    text = call("calc_mean", given)
    assert "hunter22" not in text
    assert "(secret" in text


def test_magics_are_kept_with_their_options() -> None:
    assert magic_of("--rounds 3  f(x)['a']", is_cell=False) == "%daskbench --rounds 3  f(x)['a']"
    assert magic_of("", is_cell=True) == "%%daskbench"
    assert magic_of("--rounds 3 it's", is_cell=False) == ""
    hidden = magic_of("--cluster-option password=hunter22", is_cell=True)
    assert "hunter22" not in hidden
