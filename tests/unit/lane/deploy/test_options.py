"""Names of options, before anything is started."""

from importlib.util import find_spec
from typing import Any

import pytest

from daskbench.lane import deploy
from daskbench.lane.causes import Explained
from daskbench.lane.deploy import options
from tests.unit.builders import opening
from tests.unit.lane.laning import OPEN


def check(kind: str, given: dict[str, Any]) -> None:
    case = {**OPEN, "scheduler": "distributed", "cluster": {"kind": kind, "options": given}}
    deploy.check(opening(**case))


def skip_without(kind: str) -> None:
    package = deploy.kind_of(kind).package
    if package and not find_spec(package):
        pytest.skip(f"needs {package}")


HOSTS = {"hosts": ["a", "b"]}


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("local", {"memori_limit": 1}, "local: no option 'memori_limit': did you mean 'memory_"),
        ("ssh", {**HOSTS, "conect_options": {}}, "did you mean 'connect_options'"),
        ("ssh", {**HOSTS, "worker_options": {"ntreads": 1}}, "worker_options: no option 'ntreads'"),
        ("ssh", {**HOSTS, "scheduler_options": {"prot": 1}}, "scheduler_options: no option 'prot'"),
        ("ssh", {**HOSTS, "worker_options": 4}, r"worker_options=4: write worker_options\.KEY=VAL"),
        ("ssh", {**HOSTS, "connect_options": 3}, r"connect_options=3: write connect_options\.KEY"),
        ("ssh", {**HOSTS, "connect_options": [{}, {"prot": 22}]}, "no option 'prot': did you mean"),
        ("ssh", {**HOSTS, "worker_options": {"n_workers": "x"}}, "n_workers=x is not a whole num"),
        ("ssh", {**HOSTS, "worker_options": {"n_workers": 0}}, "n_workers=0 is not a whole number"),
        ("slurm", {"memory": "1GiB", "scheduler_options": {"prot": 1}}, "no option 'prot'"),
        (
            "slurm",
            {"memory": "1GiB", "qeue": "debug"},
            "no option 'qeue': did you mean 'queue'",
        ),
    ],
)
def test_a_name_that_nothing_takes_is_told(kind: str, given: dict[str, Any], words: str) -> None:
    skip_without(kind)
    with pytest.raises(Explained, match=words):
        check(kind, given)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("local", {"dashboard_address": ":0", "nthreads": 1, "heartbeat_interval": "1s"}),
        ("local", {"worker_class": "other.Worker", "its_own": 1}),
        ("ssh", {**HOSTS, "worker_options": {"n_workers": 2, "nanny": None, "name": "x"}}),
        ("ssh", {**HOSTS, "connect_options": {"port": 22, "username": "x", "known_hosts": None}}),
        ("ssh", {**HOSTS, "worker_class": "other.Worker", "worker_options": {"its_own": 1}}),
        ("ssh", {**HOSTS, "scheduler_options": {"port": 0, "local_directory": "/tmp"}}),
    ],
)
def test_what_dask_takes_is_taken(kind: str, given: dict[str, Any]) -> None:
    skip_without(kind)
    check(kind, given)


def test_an_interface_is_looked_up() -> None:
    assert options.without_interface("lo") == ""
    assert "no interface 'no0': choose from lo" in options.without_interface("no0")
