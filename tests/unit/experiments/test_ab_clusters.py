"""Sides that are options of a cluster."""

from typing import Any

import msgspec
import pytest

from daskbench import interpreters, vault
from daskbench.conductor.opening import command_of
from daskbench.config.clusters import check_known
from daskbench.document.sides import what_are
from daskbench.errors import UsageError
from daskbench.experiments.ab import EXPERIMENT
from daskbench.model import FEWEST, VERDICT, Plan, Side, Suite
from tests.unit.builders import here
from tests.unit.experiments.two_sides import found

TLS = {"cluster-option-a": ("protocol=tcp",), "cluster-option-b": ("protocol=tls",)}
SSH = {"cluster": "ssh", "cluster-option": {"hosts": "a,b"}}


@pytest.fixture(autouse=True)
def everything_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "look", lambda side: found())
    for module in ("clusters", "comms"):
        monkeypatch.setattr(f"daskbench.config.{module}.find_spec", lambda name: object())


def suite_of(**values: Any) -> Suite:
    given = {key.replace("_", "-"): value for key, value in values.items()}
    return EXPERIMENT.make("ab", "calc_mean", given, here(2))


def opened(suite: Suite) -> list[Any]:
    return [command_of(case, suite, 0, None).cluster for case in suite.cases]


def test_local_clusters_differ_by_protocol() -> None:
    suite = suite_of(**TLS)
    assert [one["kind"] for one in opened(suite)] == ["local", "local"]
    assert [one["options"] for one in opened(suite)] == [{"protocol": "tcp"}, {"protocol": "tls"}]
    assert what_are(suite.sides) == ["protocol=tcp", "protocol=tls"]
    assert suite.in_turns is None


def test_an_option_of_a_side_stands_beside_those_of_both() -> None:
    suite = suite_of(**SSH, cluster_option_b=("worker_options.nthreads=2", "interface=ib0"))
    a, b = opened(suite)
    assert a == {"kind": "ssh", "options": {"hosts": ["a", "b"]}}
    assert b["options"] == {
        "hosts": ["a", "b"],
        "scheduler_options": {"interface": "ib0"},
        "worker_options": {"interface": "ib0", "nthreads": 2},
    }
    assert what_are(suite.sides)[1].startswith("scheduler_options.interface=ib0, worker_options.")
    assert "only one cluster (ssh)" in (suite.in_turns or "")


def test_each_round_of_clusters_in_turns_is_a_launch() -> None:
    """Each of its samples has a cluster of its own, which takes longer than the sample."""
    sides = {**SSH, "cluster_option_b": ("worker_options.nthreads=2",)}
    for given, rounds, decides in (
        ({}, FEWEST, True),
        ({"rounds": 7}, 7, False),
        ({"precision": 0.02}, VERDICT.launches, False),
    ):
        settings = suite_of(**sides, **given).settings
        assert (settings.launches, settings.rounds, settings.decide) == (1, rounds, decides)
    settings = suite_of(**sides, launches=8).settings
    assert (settings.launches, settings.rounds) == (8, 1)
    local = suite_of(**TLS).settings
    assert (local.launches, local.rounds) == (FEWEST, VERDICT.rounds)


def test_two_clusters_are_not_held() -> None:
    with pytest.raises(UsageError, match=r"--hold keeps one cluster.*no two sides"):
        suite_of(**SSH, cluster_option_b=("worker_options.nthreads=2",), hold=True)


def test_without_sides_of_a_cluster_nothing_changes() -> None:
    suite = suite_of(env_b=("X=1",))
    assert opened(suite) == [{}, {}]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (SSH, "A and B are the same; .* --cluster-option-b"),
        ({**SSH, "env-b": ("X=1",)}, "--env-b: the workers of ssh have their own environment"),
        ({**TLS, "schedulers": ("threads", "distributed")}, "only to distributed, not threads"),
        ({**TLS, "cluster-option-b": ("x",)}, "--cluster-option-b: x: write KEY=VALUE"),
    ],
)
def test_what_can_not_be_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        EXPERIMENT.make("ab", "calc_mean", values, here(2))


def test_secrets_of_a_side_are_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = suite_of(**SSH, cluster_option_b=("connect_options.password=hunter2",))
    assert "hunter2" not in repr(suite)
    assert "hunter2" in repr(vault.revealed_within(opened(suite)[1]["options"]))
    check_known(Plan((suite,)))
    monkeypatch.setattr(vault, "_values", {})
    with pytest.raises(UsageError, match="option password is unknown"):
        check_known(Plan((suite,)))


def test_a_side_is_written_as_it_is_read() -> None:
    side = Side("A", cluster={"worker_options": {"nthreads": 2}})
    assert msgspec.json.decode(msgspec.json.encode(side), type=Side) == side
    assert "cluster" not in msgspec.to_builtins(Side("A"))
