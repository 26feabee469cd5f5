"""Protocol and interface of clusters that lanes start."""

import socket
from typing import Any

import pytest

from daskbench.config import KEYS, comms
from daskbench.config.clusters import cluster_of, options_of_side
from daskbench.errors import UsageError
from daskbench.lane import clusters
from daskbench.model import Cluster
from tests.unit.config.reading_config import suite_of

HERE = socket.if_nameindex()[0][1]


@pytest.fixture(autouse=True)
def everything_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("clusters", "comms"):
        monkeypatch.setattr(f"daskbench.config.{module}.find_spec", lambda name: object())
    monkeypatch.setattr("daskbench.config.clusters.shutil.which", lambda name: name)


@pytest.mark.parametrize(
    ("values", "kind", "options"),
    [
        ({"protocol": "tls"}, "local", {"protocol": "tls"}),
        ({"interface": HERE}, "local", {"interface": HERE}),
        (
            {"cluster": "ssh", "cluster-option": {"hosts": "a,b"}, "protocol": "tls"},
            "ssh",
            {
                "hosts": ["a", "b"],
                "scheduler_options": {"protocol": "tls"},
                "worker_options": {"protocol": "tls"},
            },
        ),
        ({"cluster": "slurm", "interface": "ib0"}, "slurm", {"interface": "ib0"}),
    ],
)
def test_they_are_options_of_the_cluster(
    values: dict[str, Any], kind: str, options: dict[str, Any]
) -> None:
    assert cluster_of(values) == Cluster(kind=kind, options=options)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"interface": "no0"}, "this machine has no interface 'no0'"),
        (
            {"address": "tcp://10.0.0.5:8786", "protocol": "tcp"},
            "--protocol applies to clusters that daskbench starts",
        ),
        (
            {"cluster": "slurm", "cluster-option": {"protocol": "tcl"}},
            "--cluster slurm: protocol: no 'tcl'",
        ),
        (
            {"cluster": "local", "cluster-option": {"scheduler_options.protocol": "tcl"}},
            "protocol: no 'tcl'",
        ),
        ({"protocol": "tcp", "schedulers": ("threads",)}, "--protocol applies only to distributed"),
    ],
)
def test_what_can_not_be_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        suite_of(**{key.replace("-", "_"): value for key, value in values.items()})


def test_protocols_are_those_of_dask() -> None:
    read = KEYS["protocol"].read
    assert [read("tls"), read("tcp://")] == ["tls", "tcp"]
    with pytest.raises(UsageError, match="no 'tcl': did you mean 't"):
        read("tcl")
    with pytest.raises(UsageError, match=r"inproc can't reach .* use --schedulers"):
        read("inproc://")


def test_certificates_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daskbench.config.comms.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install cryptography"):
        cluster_of({"protocol": "tls"})
    with pytest.raises(UsageError, match="pip install cryptography"):
        cluster_of({"cluster": "slurm", "protocol": "tls"})
    assert cluster_of({"protocol": "tcp"}).options == {"protocol": "tcp"}


def test_a_side_has_them_where_its_cluster_takes_them() -> None:
    ssh = Cluster(kind="ssh", options={"hosts": ["a", "b"], "worker_options": {"nanny": False}})
    words = ("interface=ib0", "worker_options.nthreads=2")
    found = options_of_side(ssh, "--cluster-option-a", words)
    assert found == {
        "scheduler_options": {"interface": "ib0"},
        "worker_options": {"interface": "ib0", "nthreads": 2},
    }
    with pytest.raises(UsageError, match="--cluster-option-b: --cluster local: n_workers is no"):
        options_of_side(Cluster(), "--cluster-option-b", ("n_workers=2",))


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, {"host": "127.0.0.1"}),
        ({"interface": "eth0"}, {"interface": "eth0"}),
        ({"protocol": "tls"}, {"host": "127.0.0.1", "protocol": "tls", "security": True}),
        ({"protocol": "tls", "security": False}, {"protocol": "tls", "security": False}),
    ],
)
def test_a_local_cluster_listens_there(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], arguments: dict[str, Any]
) -> None:
    monkeypatch.setattr(clusters, "LocalCluster", dict)
    started: Any = clusters.start(1, 1, None, **options)
    assert arguments.items() <= started.items()
    assert ("host" in started) != ("interface" in started)


def test_their_names_are_keys() -> None:
    assert {*comms.KEYS} <= {*KEYS}
