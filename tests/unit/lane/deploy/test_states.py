"""What SLURM says of jobs, and of those that it would not take."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from daskbench.lane.deploy import states


def test_of_a_job_the_queue_tells_state_and_reason() -> None:
    found = states.read_states(
        "12|PENDING|Resources\n13|RUNNING|None\n\n14|FAILED|NonZeroExitCode\n"
    )
    assert [str(state) for state in found] == [
        "job 12 PENDING (Resources)",
        "job 13 RUNNING",
        "job 14 FAILED (NonZeroExitCode)",
    ]
    assert [state.is_over for state in found] == [False, False, True]
    assert [state.has_begun for state in found] == [False, True, True]


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_queue_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    program(tmp_path, "squeue", "echo 'slurm_load_jobs error: Unable to contact' >&2; exit 1")
    assert states.ask(["1"]) == "slurm_load_jobs error: Unable to contact"
    program(tmp_path, "squeue", "echo 'slurm_load_jobs error: Invalid job id' >&2; exit 1")
    assert states.ask(["1"]) == []
    program(tmp_path, "squeue", "echo '1|TIMEOUT|TimeLimit'")
    assert [state.is_over for state in states.ask(["1"])] == [True]  # type: ignore[union-attr]


def test_what_sbatch_would_refuse_is_known_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLURM_CONF", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    script = f"echo $* >> {tmp_path}/given; cat >> {tmp_path}/given"
    program(tmp_path, "sbatch", f"{script}; echo 'sbatch: error: no such queue' >&2; exit 1")
    refused = " would refuse its jobs: no such queue (sinfo shows what there is)"
    assert states.refusal("#!/bin/sh\n") == refused
    assert (tmp_path / "given").read_text() == "--test-only\n#!/bin/sh\n"
    program(tmp_path, "sbatch", f"{script}; echo 'sbatch: Job 3 to start' >&2")
    assert states.refusal("#!/bin/sh\n") == ""
    no_node = "echo 'Requested node configuration is not available' >&2; exit 1"
    program(tmp_path, "sbatch", no_node)
    program(tmp_path, "sinfo", "echo idle; echo mixed-")
    monkeypatch.setattr(states, "sleep", lambda _: None)
    assert "Requested node configuration" in states.refusal("#!/bin/sh\n")
    again = f"mkdir {tmp_path}/asked 2>/dev/null || exit 0"
    program(tmp_path, "sbatch", f"{again}; {no_node}")  # a node has just come back
    assert states.refusal("#!/bin/sh\n") == ""
    program(tmp_path, "sbatch", no_node)
    program(tmp_path, "sinfo", "echo idle; echo drained")  # a job would wait for that node
    assert states.refusal("#!/bin/sh\n") == ""
    (tmp_path / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert states.refusal("#!/bin/sh\n") == ""


NO_CONFIGURATION = """sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host
sbatch: error: fetch_config: DNS SRV lookup failed
sbatch: error: _establish_config_source: failed to fetch config
sbatch: fatal: Could not establish a configuration source"""
NO_FILE = """sbatch: error: s_p_parse_file: cannot stat file /x: No such file or directory
sbatch: error: ClusterName needs to be specified
sbatch: fatal: Unable to process configuration file"""
NO_CONTROLLER = "allocation failure: Unable to contact slurm controller (connect failure)"
NO_MUNGE = """sbatch: error: If munged is up, restart with --num-threads=10
sbatch: error: Munge encode failed: Failed to access "/run/munge": No such file or directory
allocation failure: Protocol authentication error"""
BAD_SCRIPT = "sbatch: fatal: Bad value for --gres"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (NO_CONFIGURATION, " can't be asked here: Could not establish a configuration source (t"),
        (NO_FILE, " can't be asked here: cannot stat file /x: No such file or directory (try"),
        (
            NO_CONTROLLER,
            " can't be asked here: Unable to contact slurm controller (connect failure) (try",
        ),
        (NO_MUNGE, ' can\'t be asked here: Munge encode failed: Failed to access "/run/munge": No'),
        (BAD_SCRIPT, " would refuse its jobs: Bad value for --gres (sinfo shows"),
        ("", " would refuse its jobs: no reason given (sinfo shows"),
    ],
)
def test_a_refusal_is_one_line_with_what_slurm_says_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, words: str
) -> None:
    monkeypatch.delenv("SLURM_CONF", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "said").write_text(said)
    program(tmp_path, "sbatch", f"cat {tmp_path}/said >&2; exit 1")
    refusal = states.refusal("#!/bin/sh\n")
    assert refusal.startswith(words)
    assert "\n" not in refusal


def test_an_sbatch_that_does_not_answer_is_told_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLURM_CONF", raising=False)

    def run(*_: Any, **__: Any) -> Any:
        raise subprocess.TimeoutExpired("sbatch", 30.0, stderr=b"sbatch: error: retrying")

    monkeypatch.setattr(states, "_run", run)
    assert states.refusal("").startswith(" can't be asked here: retrying (try")
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "none"))
    told = f" can't be asked here: SLURM_CONF is {tmp_path}/none, which is no file"
    assert states.refusal("") == told
