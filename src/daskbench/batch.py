"""The job of a batch system that this process runs in: SLURM's.

Source: https://slurm.schedmd.com/scontrol.html
"""

import os
import re
import subprocess
from collections.abc import Mapping
from typing import Any

_PATIENCE_S = 10.0
_UNITS = {"": 1 << 20, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_NODES = re.compile(r"\bNodes=(\S+) CPU_IDs=(\S*) Mem=(\d+)")
_VARIABLES = {
    "partition": "SLURM_JOB_PARTITION",
    "nodes": "SLURM_JOB_NODELIST",
    "cores_of_nodes": "SLURM_JOB_CPUS_PER_NODE",
}


def job(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return id, partition, nodes, cores and memory of this job; empty outside of a job.

    What the controller tells is preferred to the job's variables.
    """
    number = environ.get("SLURM_JOB_ID", "")
    if not number.isdecimal():
        return {}
    given = {key: environ[name] for key, name in _VARIABLES.items() if environ.get(name)}
    return {"system": "slurm", "id": number, **given, **read(_ask(number))}


def _ask(number: str) -> str:
    command = ["scontrol", "show", "job", "--details", "--oneliner", number]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def read(text: str) -> dict[str, Any]:
    """Read what ``scontrol show job --details --oneliner`` printed.

    >>> read("JobId=7 Partition=fast NodeList=n[1-2] NumCPUs=4 TRES=cpu=4,mem=600M,node=2")
    {'partition': 'fast', 'nodes': 'n[1-2]', 'cores': 4, 'memory_bytes': 629145600}
    """
    found: dict[str, Any] = {}
    for key, name in (("partition", "Partition"), ("nodes", "NodeList"), ("limit", "TimeLimit")):
        if (said := re.search(rf"\b{name}=(\S+)", text)) and said[1] != "(null)":
            found[key] = said[1]
    if said := re.search(r"\bNumCPUs=(\d+)", text):
        found["cores"] = int(said[1])
    if said := re.search(r"\b(?:Alloc)?TRES=\S*?\bmem=([\d.]+)([KMGT]?)", text):
        found["memory_bytes"] = int(float(said[1]) * _UNITS[said[2]])
    if (each := _each(text)) and len({(cores, memory) for _, cores, memory in each}) > 1:
        found["each_node"] = [
            f"{name}: {cores} cores, {memory} MiB" for name, cores, memory in each
        ]
    return found


def _each(text: str) -> list[tuple[str, int, int]]:
    """Return the names of nodes alike, with the cores and MiB that the job has on each."""
    return [(names, _count(cpus), int(mib)) for names, cpus, mib in _NODES.findall(text)]


def _count(listed: str) -> int:
    """Return how many numbers a list such as ``0-1,3`` has."""
    ranges = re.findall(r"(\d+)(?:-(\d+))?", listed)
    return sum(int(last or first) - int(first) + 1 for first, last in ranges)
