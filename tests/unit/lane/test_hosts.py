"""The hosts of workers, and in what they differ."""

from typing import Any

from daskbench.lane.probes.hosts import differ, grouped, host, notes_of


def on(name: str, **other: Any) -> dict[str, Any]:
    return {"name": name, "cpu": "Fast", "cores": 4, "memory_bytes": 8 << 30, **other}


def test_a_single_host_is_nothing_to_note() -> None:
    hosts = grouped([on("n1"), on("n1")])
    assert [(one["name"], one["workers"]) for one in hosts] == [("n1", 2)]
    assert notes_of(hosts) == []


def test_hosts_alike_are_counted() -> None:
    hosts = grouped([on("n2"), on("n1"), on("n2")])
    assert notes_of(hosts) == ["3 workers on 2 hosts: n1 (1), n2 (2)"]


def test_every_difference_is_told() -> None:
    hosts = grouped([on("n1"), on("n2", cpu="Slow", cores=2), on("n3", memory_bytes=4 << 30)])
    assert notes_of(hosts)[1:] == [
        "hosts differ in processor: Fast on n1, n3; Slow on n2",
        "hosts differ in cores: 4 on n1, n3; 2 on n2",
        "hosts differ in memory: 8 GiB on n1, n2; 4 GiB on n3",
    ]


def test_what_a_worker_tells_of_its_host() -> None:
    found = host()
    assert found.keys() == on("n1").keys()
    assert found["cores"] >= 1
    assert found["memory_bytes"] > 1 << 20


def test_workers_that_differ() -> None:
    assert differ([1, 1], "limits") == []
    assert differ([1, 2], "limits") == ["limits differ between workers"]
