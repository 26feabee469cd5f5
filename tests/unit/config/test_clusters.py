"""Clusters of others, and memory."""

from pathlib import Path
from typing import Any

import pytest

from daskbench.config import KEYS
from daskbench.errors import UsageError
from daskbench.model import Cluster
from tests.unit.config.reading_config import places, suite_in, suite_of


def test_on_a_cluster_that_is_there_distributed_is_one_row() -> None:
    suite = suite_of(address="tcp://there:8786", schedulers="numpy,distributed")
    assert places(suite.cases) == ["numpy", "distributed"]
    assert suite.cases[1].threads_per_worker is None
    assert suite.cluster == Cluster(address="tcp://there:8786")
    assert suite.cluster.name == "tcp://there:8786"


def test_on_a_cluster_that_is_there_workers_still_sweep() -> None:
    suite = suite_of(address="tcp://there:8786", schedulers="distributed", workers="1,2")
    assert places(suite.cases) == ["distributed × 1", "distributed × 2"]


def test_a_cluster_is_known_by_its_file_and_certificates(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("file", "ca", "cert", "key")]
    for path in paths:
        path.write_text('{"address": "tcp://there:8786"}')
    names = [str(path) for path in paths]
    suite = suite_of(
        scheduler_file=names[0],
        tls_ca=names[1],
        tls_cert=names[2],
        tls_key=names[3],
        schedulers="distributed",
    )
    assert suite.cluster == Cluster(None, names[0], names[1], names[2], names[3])
    assert suite.cluster.name == names[0]


def test_files_are_kept_by_their_whole_path(here: Path) -> None:
    (here / "ca.pem").write_text("")
    assert KEYS["tls-ca"].read("ca.pem") == str(here.resolve() / "ca.pem")


def test_a_cluster_has_one_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('{"address": "tcp://there:8786"}')
    with pytest.raises(UsageError, match="--address and --scheduler-file both"):
        suite_of(address="tcp://there:8786", scheduler_file=str(tmp_path / "file"))


def test_certificates_need_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("")
    with pytest.raises(UsageError, match="need --address or --scheduler-file"):
        suite_of(tls_ca=str(tmp_path / "ca"))


def test_a_cluster_needs_distributed() -> None:
    with pytest.raises(UsageError, match="tcp://there:8786 is only used by distributed"):
        suite_of(address="tcp://there:8786", schedulers="numpy,threads")


def test_memory_limits_sweep_where_they_mean_something() -> None:
    suite = suite_of(schedulers="threads,distributed", workers="2", memory_limit="250MiB,1GiB")
    assert places(suite.cases) == [
        "threads × 2",
        "distributed × 2 of 250 MiB",
        "distributed × 2 of 1 GiB",
    ]
    assert [case.memory_limit_bytes for case in suite.cases] == [None, 250 << 20, 1 << 30]


def test_a_memory_limit_may_stand_in_the_file() -> None:
    text = """
        [suites.s]
        benchmark = "calc_mean"
        schedulers = "distributed"
        workers = 1
        memory-limit = ["500MB", 1000000]
        """
    limits = [case.memory_limit_bytes for case in suite_in(text).cases]
    assert limits == [500_000_000, 1_000_000]


@pytest.mark.parametrize(
    ("key", "value"), [("memory-limit", "1GiB,1025MiB"), ("condition", "1000000,1000001")]
)
def test_values_that_differ_little_are_both_measured(key: str, value: str) -> None:
    values: dict[str, Any] = {key: value, "schedulers": "distributed", "workers": "1"}
    assert len(suite_of("svd", hardware="off", **values).cases) == 2


def test_a_memory_limit_needs_distributed() -> None:
    with pytest.raises(UsageError, match="--memory-limit applies only to distributed"):
        suite_of(schedulers="numpy,threads", memory_limit="1GiB")


def test_the_workers_of_others_have_their_own_memory_limit() -> None:
    with pytest.raises(UsageError, match="set that of tcp://there:8786"):
        suite_of(address="tcp://there:8786", schedulers="distributed", memory_limit="1GiB")
