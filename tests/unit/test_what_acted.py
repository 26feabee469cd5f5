"""What acted is compared, secrets are given again, and configuration that can't be is refused."""

from pathlib import Path

import dask.config
import distributed  # noqa: F401 -- it brings its own keys
import pytest

from daskbench import trust, vault
from daskbench.cli.sameness import check_trust
from daskbench.config import supply
from daskbench.errors import ConfigurationError, UsageError
from daskbench.events import Identity
from daskbench.identity import switches_that_disturb
from daskbench.journal.write import JournalWriter
from daskbench.lane.probes.schema import complaint
from daskbench.model import Case, Side
from daskbench.secrecy import keyed
from daskbench.stats.identities import apart, same_works
from tests.unit.builders import make_header, make_plan, make_run, make_suite

DIGEST = keyed(b"a key")
OWN = make_plan(make_suite(Case("/a/bench.py:B", "numpy", {})))


@pytest.mark.parametrize(
    ("key", "value", "wants"),
    [
        ("distributed.scheduler.worker-saturation", "abc", True),
        ("distributed.scheduler.worker-saturation", "inf", False),
        ("distributed.worker.memory.spill", "7", True),
        ("distributed.worker.memory.spill", "0.7", False),
        ("distributed.worker.memory.spill", "false", False),
        ("distributed.comm.timeouts.connect", "soon", True),
        ("distributed.comm.timeouts.connect", "3s", False),
    ],
)
def test_a_value_that_a_key_cannot_have_is_told(key: str, value: str, wants: bool) -> None:
    assert bool(complaint(key, value)) == wants


def test_what_changes_the_cost_of_python_is_told_but_not_what_a_side_was_given() -> None:
    found = Identity(
        switches={"optimize": "2"}, variables={"PYTHONTRACEMALLOC": "5", "MALLOC_ARENA_MAX": "1"}
    )
    told = switches_that_disturb(found)
    assert "MALLOC_ARENA_MAX is 1" in told
    assert "MALLOC_ARENA_MAX is 1" not in switches_that_disturb(found, {"MALLOC_ARENA_MAX": "1"})
    assert switches_that_disturb(Identity()) == []


def test_a_journal_is_trusted_by_its_seal_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    header = trust.sealed(make_header(OWN, "ours"), trust.find_key(make=True))
    with JournalWriter.create(tmp_path / "ours.jsonl", header):
        pass
    from daskbench.journal.read import read_run

    check_trust(read_run(tmp_path / "ours.jsonl"))
    text = (tmp_path / "ours.jsonl").read_text()
    strange = [make_run(tmp_path, [], OWN)]
    for name in ("/b/bench.py", "/b/bench.pickle"):
        (tmp_path / "changed.jsonl").write_text(text.replace("/a/bench.py", name))
        strange.append(read_run(tmp_path / "changed.jsonl"))
    for run in strange:
        with pytest.raises(UsageError, match=r"the code in /[ab]/bench\.(py|pickle); if you trust"):
            check_trust(run)


def test_secrets_of_a_side_are_given_again_and_have_to_be_the_same() -> None:
    text = vault.hide("MY_TOKEN", "hunter2", DIGEST)
    assert "hunter2" not in text
    sides = [Side("A"), Side("B", env={"MY_TOKEN": text, "PLAIN": "1"})]
    supply(sides, ((), ("MY_TOKEN=hunter2",)), ((), ()), DIGEST)
    for given, words in (
        ((), "supply it again with --env-b MY_TOKEN=VALUE"),
        (("MY_TOKEN=other",), "not the value that was measured"),
        (("MY_TOKEN=hunter2", "PLAIN=2"), "--env-b PLAIN: not needed"),
    ):
        with pytest.raises(UsageError, match=words):
            supply(sides, ((), given), ((), ()), DIGEST)


def test_benchmarks_of_the_same_name_are_paired_by_what_they_hold() -> None:
    one, two = "/a/bench.py:B", "/b/bench.py:B"
    alike = ({one: {"bench.py": "1"}}, {two: {"bench.py": "1"}})
    differ = ({one: {"bench.py": "1"}}, {two: {"bench.py": "2"}})
    assert same_works([one], [two], alike) == {two: one}
    assert same_works([one], [two], differ) == {}
    (why,) = apart([one], [two], differ)
    assert why.startswith(f"{one} and {two} are not paired, as the files differ")


def test_yaml_that_cannot_be_read_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("distributed:\n\t- [")
    with pytest.raises(ValueError, match="malformed") as raised:
        [*dask.config.collect_yaml([str(tmp_path)])]
    found = ConfigurationError.of(raised.value)
    assert str(found).startswith(f"{tmp_path / 'mine.yaml'} can't be read as YAML: ")
