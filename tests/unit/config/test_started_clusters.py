"""Clusters that lanes start: their names, their options, and what is refused before anything."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench import vault
from daskbench.config import KEYS
from daskbench.config.arguments import read_options
from daskbench.config.clusters import check_known, cluster_of
from daskbench.errors import UsageError
from daskbench.keywords import merged
from daskbench.lane.deploy import KINDS
from daskbench.model import Cluster, Plan
from tests.unit.config.reading_config import message_of, places, suite_in, suite_of

FACTORY = "from distributed import LocalCluster\n"


@pytest.fixture
def factory(here: Path) -> str:
    """A file with a function that makes clusters, as it is named in the working folder."""
    (here / "site.py").write_text(FACTORY)
    return "site.py:LocalCluster"


@pytest.fixture(autouse=True)
def everything_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daskbench.config.clusters.find_spec", lambda name: object())
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def read(*words: str) -> Any:
    return tuple(map(read_options, words))


# Options


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ("cores=4", {"cores": 4}),
        ("queue=debug", {"queue": "debug"}),
        ("walltime=01:00:00", {"walltime": "01:00:00"}),
        ("nanny=false", {"nanny": False}),
        ("interface=null", {"interface": None}),
        ('hosts=["a", "b"]', {"hosts": ["a", "b"]}),
        ("connect_options.port=2222", {"connect_options": {"port": 2222}}),
        ("text=", {"text": ""}),
        ("number=NaN", {"number": "NaN"}),
        ("job_extra_directives=[", {"job_extra_directives": "["}),
    ],
)
def test_an_option_is_json_if_it_can_be(word: str, options: dict[str, Any]) -> None:
    assert read_options(word) == options


def test_options_of_a_table_nest_as_words_do() -> None:
    table = {"connect_options": {"port": 22}, "scheduler_options.host": "127.0.0.1"}
    assert read_options(table) == {
        "connect_options": {"port": 22},
        "scheduler_options": {"host": "127.0.0.1"},
    }


@pytest.mark.parametrize("word", ["cores", "=4", "a b=1", "a..b=1", "1=2"])
def test_words_that_are_no_options_are_refused(word: str) -> None:
    with pytest.raises(UsageError):
        read_options(word)


@given(st.text())
def test_any_text_is_an_option_or_is_refused(text: str) -> None:
    try:
        options = read_options(f"x={text}")
    except UsageError:
        return
    assert [*options] == ["x"]


NESTED = st.recursive(
    st.integers() | st.text(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner)
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), NESTED)))
def test_the_last_of_several_options_counts(several: list[dict[str, Any]]) -> None:
    found = merged(*several)
    assert merged(found, found) == found
    assert found.keys() == {key for one in several for key in one}


# Which cluster


def test_a_local_cluster_is_the_default() -> None:
    assert suite_of(cluster="local").cluster == Cluster()
    assert KEYS["cluster"].help.endswith("[local]")


def test_a_local_cluster_with_options_has_no_name_but_is_described() -> None:
    cluster = cluster_of({"cluster": "local", "cluster-option": read("protocol=tls")})
    assert cluster == Cluster(kind="local", options={"protocol": "tls"})
    assert (cluster.name, cluster.described) == ("", "local protocol=tls")


def test_a_class_is_named_by_module_and_a_function_by_file(here: Path, factory: str) -> None:
    assert cluster_of({"cluster": "some.module:Class"}).kind == "some.module:Class"
    cluster = cluster_of({"cluster": factory})
    assert cluster.kind == f"{here / 'site.py'}:LocalCluster"
    assert cluster.described == "site.py:LocalCluster"


def test_a_section_of_the_working_folder_defines_a_cluster(here: Path) -> None:
    (here / "benchmarks.toml").write_text(
        '[clusters.gpu]\nkind = "slurm"\nqueue = "gpu"\nmemory = "1GiB"\n'
        '[clusters.slurm]\nqueue = "debug"\n'
    )
    values = {"cluster": "gpu", "cluster-option": read("memory=2GiB")}
    options = {"queue": "gpu", "memory": "2GiB"}
    section = "[clusters.gpu] of benchmarks.toml"
    assert cluster_of(values) == Cluster(kind="slurm", options=options, section=section)
    assert cluster_of({"cluster": "slurm"}).options == {"queue": "debug"}


SUITE = """
[clusters.site]
kind = "site.py:LocalCluster"
silence_logs = 40
[defaults]
schedulers = "distributed"
[suites.s]
benchmark = "calc_mean"
cluster = "site"
cluster-option = { n = 1, m = { a = 1 } }
"""


def test_a_suite_names_a_cluster_of_its_file(here: Path, factory: str) -> None:
    cluster = suite_in(SUITE).cluster
    assert cluster.kind == f"{here / 'site.py'}:LocalCluster"
    assert cluster.options == {"silence_logs": 40, "n": 1, "m": {"a": 1}}


def test_options_of_the_command_line_are_added_to_the_suites(here: Path, factory: str) -> None:
    more: dict[str, Any] = {"cluster-option": ["m.b=2", "n=3"]}
    found = suite_in(SUITE, **more).cluster
    assert found.options == {"silence_logs": 40, "n": 3, "m": {"a": 1, "b": 2}}


def test_another_cluster_of_the_command_line_has_not_the_options_of_the_suite(
    here: Path, factory: str
) -> None:
    assert suite_in(SUITE, cluster="a.b:C").cluster == Cluster(kind="a.b:C")


def test_a_section_that_is_wrong_is_named() -> None:
    assert "[clusters.x] is not a table" in message_of("[clusters]\nx = 1")
    dated = message_of("[clusters.x]\nkind = 'slurm'\nbegin = 2026-01-01")
    assert "[clusters.x] begin: 2026-01-01 can't be an option" in dated
    unknown = message_of('[suites.s]\nbenchmark = "calc_mean"\ncluster = "slrum"')
    assert "[suites.s] no cluster 'slrum'" in unknown
    wrong = message_of("[clusters.x]\nkind = 'slrum'")
    assert "[clusters.x] no kind 'slrum': did you mean 'slurm'" in wrong
    assert "[clusters.x] lacks its kind: add kind = NAME; choose from local, ssh" in message_of(
        "[clusters.x]\nqueue = 'gpu'"
    )


# What is refused


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cluster": "slrum"}, "no cluster 'slrum' .*: did you mean 'slurm'"),
        ({"cluster": "site.py"}, "lacks the function or class: write FILE.py:NAME"),
        ({"cluster": "nowhere.py:f"}, "there is no file"),
        ({"cluster": "ssh"}, "--cluster ssh needs hosts: --cluster-option hosts=A,B"),
        ({"cluster": "ssh", "address": "tcp://a:1"}, "--address is for an existing one"),
        ({"cluster-option": read("a=1")}, "--cluster-option needs --cluster"),
        ({"queue-timeout": 1.0}, "--queue-timeout applies to clusters of jobs"),
        ({"queue-timeout": 1.0, "cluster": "local"}, "--queue-timeout applies"),
        (
            {"cluster": "local", "cluster-option": read("n_workers=2")},
            "n_workers is no option: use --workers",
        ),
        (
            {"cluster": "local", "cluster-option": read("processes=false")},
            "processes is no option: use --schedulers distributed-inproc",
        ),
        (
            {"cluster": "a.b:C", "cluster-option": read("asynchronous=true")},
            "asynchronous is no option: daskbench sets it",
        ),
        (
            {"cluster": "slurm", "cluster-option": read("job_cls=2")},
            "job_cls is no option: daskbench sets it",
        ),
    ],
)
def test_what_can_not_be_is_refused(here: Path, values: dict[str, Any], words: str) -> None:
    (here / "site.py").write_text(FACTORY)
    with pytest.raises(UsageError, match=words):
        cluster_of(values)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.package])
def test_an_extra_that_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daskbench.config.clusters.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=rf"pip install 'daskbench\[{name}\]'"):
        cluster_of({"cluster": name})


def test_a_queue_that_is_not_here_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="there is no command 'sbatch' here"):
        cluster_of({"cluster": "slurm"})


def test_a_benchmark_with_workers_of_its_own_starts_none_elsewhere() -> None:
    with pytest.raises(UsageError, match="can't run on slurm"):
        suite_of("thresholds", cluster="slurm")


# Cases


def test_a_cluster_of_jobs_has_one_worker_unless_told_otherwise() -> None:
    assert places(suite_of(cluster="slurm", schedulers="distributed").cases) == ["distributed × 1"]


def test_hosts_may_be_a_list_of_words_and_all_are_used() -> None:
    suite = suite_of(cluster="ssh", cluster_option="hosts=a, b", schedulers="distributed")
    assert places(suite.cases) == ["distributed"]
    assert suite.cluster.options == {"hosts": ["a", "b"]}
    assert suite.in_turns is None


def test_workers_threads_and_limits_sweep_in_turns() -> None:
    suite = suite_of(
        cluster="slurm",
        schedulers="numpy,distributed",
        workers="1,200",
        threads_per_worker="2",
        memory_limit="1GiB",
        queue_timeout="2h",
    )
    assert places(suite.cases) == [
        "numpy",
        "distributed × 1×2 of 1 GiB",
        "distributed × 200×2 of 1 GiB",
    ]
    assert "only one cluster (slurm) is there at a time" in (suite.in_turns or "")
    assert suite.settings.queue_timeout_s == 7200


def test_other_schedulers_do_not_use_it() -> None:
    with pytest.raises(UsageError, match="slurm is only used by distributed"):
        suite_of(cluster="slurm", schedulers="threads")


# Secrets


def test_secrets_are_shown_as_digests_and_revealed_to_the_lane(here: Path) -> None:
    (here / "id").write_text("")
    cluster = cluster_of({"cluster": "a.b:C", "cluster-option": read("private_key=id")})
    assert cluster.options == {"private_key": "id"}
    keys = "connect_options.client_keys=missing"
    words = read("hosts=a,b", "connect_options.password=hunter2", keys)
    cluster = cluster_of({"cluster": "ssh", "cluster-option": words})
    connecting = cluster.options["connect_options"]
    assert connecting["client_keys"] == "missing", "which an error must name"
    assert "hunter2" not in repr(cluster)
    assert vault.revealed_within(cluster.options)["connect_options"]["password"] == "hunter2"


def test_numbers_and_tables_are_secrets_too(here: Path) -> None:
    words = read("zone.password=7714563", "zone.credentials.user=bob", "zone.n=7714563", "on=true")
    cluster = cluster_of({"cluster": "a.b:C", "cluster-option": words})
    zone = cluster.options["zone"]
    assert zone["n"] == 7714563
    assert "(secret" in zone["password"]
    assert "(secret" in zone["credentials"]["user"]
    found = vault.revealed_within(cluster.options)
    assert found["zone"] == {"password": 7714563, "credentials": {"user": "bob"}, "n": 7714563}


@pytest.mark.parametrize("text", ["x" * 300, "~nobody-of-this-name/x", "~" + "x" * 300])
def test_any_text_may_be_no_file(text: str) -> None:
    cluster = cluster_of({"cluster": "a.b:C", "cluster-option": read(f"zone={text}")})
    assert cluster.options == {"zone": text}


def test_a_secret_of_another_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    words = read("hosts=a,b", "connect_options.password=hunter2")
    values = {"cluster": "ssh", "cluster-option": words}
    suite = suite_of(cluster="ssh", cluster_option=[*("hosts=a,b", "password=hunter2")])
    check_known(Plan((suite,)))
    assert cluster_of(values)
    monkeypatch.setattr(vault, "_values", {})
    with pytest.raises(UsageError, match="option password is unknown"):
        check_known(Plan((suite,)))


# Clusters that are held


def test_a_held_cluster_has_all_numbers_of_workers_at_once(factory: str) -> None:
    given: dict[str, Any] = {"schedulers": "numpy,distributed", "workers": "1,2"}
    given["cluster"] = factory
    assert suite_of(**given).in_turns
    suite = suite_of(**given, hold=True)
    assert suite.in_turns is None
    assert suite.settings.hold


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "e.g. --cluster slurm"),
        ({"cluster": "local"}, "e.g. --cluster slurm"),
        ({"cluster": "a:B", "memory": True}, "leave out --hold"),
        ({"cluster": "a:B", "threads-per-worker": (1, 2)}, "--threads-per-worker"),
    ],
)
def test_what_can_not_be_held(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        suite_of(schedulers=("distributed",), hold=True, **given)


# Ranks of a launcher


def test_a_cluster_of_ranks_stays_so_lanes_are_open_together() -> None:
    suite = suite_of(schedulers=("distributed",), workers=(1, 2), cluster="mpi")
    assert (suite.in_turns, suite.cluster) == (None, Cluster(kind="mpi"))
