"""Options that stop a run, and files that are there already."""

import pytest

from .tool import HITTABLE, TINY, Tool

pytestmark = pytest.mark.real


def test_budget(tool: Tool) -> None:
    done = tool.run(
        *("schedulers", *HITTABLE, "--schedulers", "numpy,synchronous"),
        *("--rounds", "1000", "--budget", "3s"),
    )
    assert done.code == 0, done.err
    rounds = [case["samples"] for case in tool.results()["cases"]]
    assert rounds[0] == rounds[1]
    assert 3 <= rounds[0] < 1000
    assert f"stopped after {rounds[0]} of 1000 rounds" in " ".join(done.out.split())
    assert tool.read().status == "budget"


def test_budget_too_small_for_three_rounds(tool: Tool) -> None:
    done = tool.run(
        *("schedulers", *HITTABLE, "--schedulers", "numpy", "--rounds", "10", "--budget", "1ms")
    )
    assert done.code == 0, done.err
    assert [case["samples"] for case in tool.results()["cases"]] == [3]


def test_timeout_ends_one_case_alone(tool: Tool) -> None:
    done = tool.run(
        *("schedulers", "--n", "100,1e7", "--tasks", "100", "--schedulers", "numpy,threads"),
        *("--workers", "2", "--rounds", "3", "--timeout", "2s"),
    )
    assert done.code == 1, done.err
    for case in tool.results()["cases"]:
        if case["n"] == 100:
            assert (case["status"], case["samples"]) == ("ok", 3)
        else:
            assert (case["status"], case["samples"]) == ("failed", 0)
            assert "no answer within 2 s" in case["reason"]
            assert case["mean_s"] is None


def test_existing_file_is_refused_before_anything_starts(tool: Tool) -> None:
    there = tool.folder / "out.csv"
    there.write_text("mine\n")
    arguments = ("schedulers", *TINY, "--schedulers", "numpy", "--rounds", "3", "--csv", "out.csv")
    refused = tool.run(*arguments)
    assert refused.code == 2
    assert "out.csv exists" in refused.err
    assert "--force" in refused.err
    assert there.read_text() == "mine\n"
    assert not tool.store.exists()
    assert tool.left_behind() == []

    replaced = tool.run(*arguments, "--force")
    assert replaced.code == 0, replaced.err
    assert there.read_text().startswith("benchmark,scheduler,workers,")
    assert [path.name for path in tool.folder.glob("*.csv")] == ["out.csv"]
