"""The hosts of a cluster's workers, and in what they differ.

This module travels by value to workers that lack daskbench, so it imports only what Dask needs.
"""

import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

_PARTS = {"cpu": "processor", "cores": "cores", "memory_bytes": "memory"}


def host() -> dict[str, Any]:
    """Return the node of this process, with what it may use there (runs on the worker)."""
    affinity = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return {
        "name": os.environ.get("SLURMD_NODENAME") or platform.node(),
        "cpu": _cpu_model(),
        "cores": len(affinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _cpu_model() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def grouped(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each host once, with the number of its `workers`."""
    hosts: dict[str, dict[str, Any]] = {}
    for one in found:
        own = hosts.setdefault(one["name"], {**one, "workers": 0})
        own["workers"] += 1
    return [hosts[name] for name in sorted(hosts)]


def notes_of(hosts: Sequence[dict[str, Any]]) -> list[str]:
    """Return how many workers are on which of several hosts, and in what these differ."""
    if len(hosts) < 2:
        return []
    listed = ", ".join(f"{one['name']} ({one['workers']})" for one in hosts)
    total = sum(one["workers"] for one in hosts)
    return [f"{total} workers on {len(hosts)} hosts: {listed}", *_differences(hosts)]


def _differences(hosts: Sequence[dict[str, Any]]) -> list[str]:
    notes = []
    for key, what in _PARTS.items():
        names: dict[str, list[str]] = {}
        for one in hosts:
            names.setdefault(_text(key, one[key]), []).append(one["name"])
        if len(names) > 1:
            each = "; ".join(f"{text} on {', '.join(on)}" for text, on in names.items())
            notes.append(f"hosts differ in {what}: {each}")
    return notes


def _text(key: str, value: Any) -> str:
    return f"{value / 2**30:.0f} GiB" if key == "memory_bytes" else str(value)


def differ(found: Sequence[Any], what: str) -> list[str]:
    """Return the note that something differs between workers, if it does."""
    return [f"{what} differ between workers"] if any(one != found[0] for one in found) else []
