"""What users write as options of jobs, and what becomes of it."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from daskbench.lane.causes import Explained
from daskbench.lane.deploy import arguments
from tests.unit.builders import opening
from tests.unit.lane.laning import OPEN

SMALL = {"memory": "1GiB"}


def arguments_of(options: dict[str, Any], **case: Any) -> dict[str, Any]:
    given = {**OPEN, "scheduler": "distributed", **case}
    return arguments.of_jobs(opening(**given), "slurm", options)


def test_a_single_text_is_a_line_and_not_its_letters() -> None:
    words = {"job_extra_directives": "--gres=gpu:1", "job_directives_skip": "--mem"}
    found = arguments_of({**SMALL, **words, "worker_extra_args": ["--resources", "GPU=1"]})
    assert found["job_extra_directives"] == ["--gres=gpu:1"]
    assert found["job_directives_skip"] == ["--mem"]
    assert found["worker_extra_args"] == ["--resources", "GPU=1"]


def test_numbers_may_be_written_as_texts() -> None:
    found = arguments_of({**SMALL, "cores": "4", "processes": "2"})
    assert (found["cores"], found["processes"]) == (4, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"processes": "two"}, "slurm: processes=two is not a whole number above 0"),
        ({"cores": 0}, "cores=0 is not a whole number"),
        ({"cores": True}, "cores=True is not a whole number"),
        ({"cores": 2, "processes": 4}, "cores=2 are too few for processes=4"),
        ({"memory": "lots"}, "memory=lots is not a size: write it as 16GiB"),
        ({"memory": 16}, "memory of 16 B is too little for a worker: write it with a unit"),
        ({"memory": "60MiB", "processes": 2}, "too little for 2 workers"),
        ({"memory": [1]}, r"memory=\[1\] is not a size"),
        ({"memory": "1e400"}, "memory=1e400 is not a size"),
        (
            {"job_extra_directives": {"a": 1}},
            "job_extra_directives={'a': 1} is not a list of texts",
        ),
        ({"job_script_prologue": ["a", 1]}, r"job_script_prologue=\['a', 1\] is not a list of t"),
        ({"config_name": "gpu"}, "no section jobqueue.gpu"),
    ],
)
def test_what_no_job_can_have_is_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(Explained, match=words):
        arguments_of({**SMALL, **options}, threads_per_worker=None)


def test_the_scheduler_needs_its_interface_on_this_machine() -> None:
    for options in ({"interface": "no0"}, {"scheduler_options": {"interface": "no0"}}):
        with pytest.raises(Explained, match="slurm: this machine has no interface 'no0'"):
            arguments.check_interface("slurm", arguments_of({**SMALL, **options}))
    elsewhere = {"interface": "no0", "scheduler_options": {"host": "127.0.0.1"}}
    arguments.check_interface("slurm", arguments_of({**SMALL, **elsewhere}))


def test_an_encrypted_protocol_has_certificates_of_its_own() -> None:
    assert arguments_of({**SMALL, "protocol": "tls"})["security"] is True
    assert "security" not in arguments_of({**SMALL, "protocol": "tcp"})


@pytest.mark.skipif(not find_spec("dask_jobqueue"), reason="needs dask-jobqueue")
def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    from daskbench.lane.deploy import make_deployment

    (tmp_path / "file").write_text("")
    options = {**SMALL, "log_directory": str(tmp_path / "file" / "logs")}
    given = {**OPEN, "scheduler": "distributed", "cluster": {"kind": "slurm", "options": options}}
    with pytest.raises(Explained, match=r"^slurm: cannot make .*/file/logs: Not a directory"):
        make_deployment(opening(**given)).script_of()
