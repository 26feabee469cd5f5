"""What a job may use, read from trees of /proc and /sys as kernels make them."""

import resource
from collections.abc import Mapping
from pathlib import Path

import pytest

from daskbench import resources
from daskbench.cgroups import own_and_above

GIB = 1 << 30
V2 = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate"
V1 = (
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"
)
OF_V1 = "9:pids:/a/b\n4:memory:/a/b\n2:cpu,cpuacct:/a/b\n0::/"


def tree(root: Path, cgroup: str, mountinfo: str, files: Mapping[str, object]) -> Path:
    """A machine of 64 GiB, of which 60 are free, with files below /sys/fs/cgroup."""
    proc = {
        "proc/self/cgroup": cgroup,
        "proc/self/mountinfo": mountinfo,
        "proc/meminfo": f"MemTotal:  {64 << 20} kB\nMemAvailable:  {60 << 20} kB",
    }
    below = {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    for name, text in {**proc, **below}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def memory(root: Path, environ: Mapping[str, str] = {}) -> tuple[float, str]:
    return resources.memory(root, environ)


def test_without_groups_the_machine_is_the_limit(tmp_path: Path) -> None:
    root = tree(tmp_path, "", "", {})
    assert memory(root) == (64 * GIB, resources.MACHINE)
    assert resources.available_bytes(root, {}) == 60 * GIB
    assert resources.throttled_s(own_and_above("cpu", root)) == 0
    assert resources.oom_kills(root) is None
    assert resources.tasks_left(root).amount > 0


def test_without_proc_the_system_is_asked(tmp_path: Path) -> None:
    assert memory(tmp_path)[0] > 1 << 20
    assert resources.available_bytes(tmp_path, {}) > 0
    assert resources.files_left(tmp_path).amount > 0


@pytest.mark.parametrize(
    ("limits", "least", "source"),
    [
        ({"a/b/memory.max": GIB, "a/memory.max": 2 * GIB}, GIB, "memory.max of cgroup /a/b"),
        ({"a/b/memory.max": "max", "a/memory.max": 2 * GIB}, 2 * GIB, "memory.max of cgroup /a"),
        ({"a/b/memory.max": 2 * GIB, "a/memory.high": GIB}, GIB, "memory.high of cgroup /a"),
        ({"memory.max": GIB, "a/b/cgroup.procs": ""}, GIB, "memory.max of cgroup /"),
        ({"a/b/memory.max": 128 * GIB}, 64 * GIB, resources.MACHINE),
        ({"a/b/memory.max": "not a number"}, 64 * GIB, resources.MACHINE),
    ],
)
def test_the_least_limit_of_the_own_group_and_those_above_holds_in_version_2(
    tmp_path: Path, limits: Mapping[str, object], least: int, source: str
) -> None:
    assert memory(tree(tmp_path, "0::/a/b", V2, limits)) == (least, source)


@pytest.mark.parametrize(
    ("limits", "least", "source"),
    [
        ({"a/b": GIB, "a": 2 * GIB}, GIB, "memory.limit_in_bytes of cgroup /a/b"),
        ({"a/b": 9223372036854771712, "a": 2 * GIB}, 2 * GIB, "memory.limit_in_bytes of cgroup /a"),
        ({"a/b": 9223372036854771712}, 64 * GIB, resources.MACHINE),
    ],
)
def test_and_in_version_1_beside_an_empty_version_2(
    tmp_path: Path, limits: Mapping[str, int], least: int, source: str
) -> None:
    files = {f"memory/{name}/memory.limit_in_bytes": limit for name, limit in limits.items()}
    assert memory(tree(tmp_path, OF_V1, V1, files)) == (least, source)


def test_version_1_tells_of_a_limit_that_is_hidden_outside(tmp_path: Path) -> None:
    files = {"memory/a/b/memory.stat": f"cache 1\nhierarchical_memory_limit {GIB}"}
    assert memory(tree(tmp_path, OF_V1, V1, files))[0] == GIB


@pytest.mark.parametrize(
    ("cgroup", "mount"),
    [
        ("0::/docker/abc", V2.replace(" / /sys", " /docker/abc /sys")),  # no namespace of its own
        ("0::/", V2),
        ("0::/../elsewhere", V2),  # moved out of its namespace
        ("0::/other", V2.replace(" / /sys", " /docker/abc /sys")),
    ],
)
def test_in_a_container_what_is_mounted_is_ours(tmp_path: Path, cgroup: str, mount: str) -> None:
    root = tree(tmp_path, cgroup, mount, {"memory.max": GIB})
    assert memory(root)[0] == GIB


def test_a_blank_in_a_path_is_escaped_in_mountinfo(tmp_path: Path) -> None:
    root = tree(tmp_path, "0::/a b", V2.replace("/sys/fs/cgroup", r"/sys/fs/cgroup/m\040n"), {})
    folder = root / "sys/fs/cgroup/m n/a b"
    folder.mkdir(parents=True)
    (folder / "memory.max").write_text(str(GIB))
    assert memory(root) == (GIB, "memory.max of cgroup /a b")


@pytest.mark.parametrize("mountinfo", ["", "nonsense", "1 2 3 - cgroup2", V2.partition(" - ")[0]])
def test_what_cannot_be_read_limits_nothing(tmp_path: Path, mountinfo: str) -> None:
    root = tree(tmp_path, "0::/a\n\nx:y", mountinfo, {"a/memory.max": GIB})
    assert memory(root)[0] == 64 * GIB


def test_free_is_what_the_fullest_group_leaves_and_old_pages_of_files(tmp_path: Path) -> None:
    files = {
        "a/b/memory.max": 4 * GIB,
        "a/b/memory.current": GIB,
        "a/memory.max": 6 * GIB,
        "a/memory.current": 5 * GIB,
        "a/memory.stat": f"anon 1\ninactive_file {GIB}",
    }
    assert resources.available_bytes(tree(tmp_path, "0::/a/b", V2, files), {}) == 2 * GIB
    v1 = {
        "memory/a/b/memory.limit_in_bytes": GIB,
        "memory/a/b/memory.usage_in_bytes": 3 * GIB // 4,
        "memory/a/b/memory.stat": f"inactive_file 5\ntotal_inactive_file {GIB // 4}",
    }
    assert resources.available_bytes(tree(tmp_path / "1", OF_V1, V1, v1), {}) == GIB // 2


@pytest.mark.parametrize(
    ("environ", "gib", "source"),
    [
        ({"SLURM_MEM_PER_NODE": "2048"}, 2, "SLURM_MEM_PER_NODE"),
        ({"SLURM_MEM_PER_NODE": "0"}, 64, resources.MACHINE),
        ({"SLURM_MEM_PER_NODE": "much"}, 64, resources.MACHINE),
        (
            {"SLURM_MEM_PER_CPU": "1024", "SLURM_CPUS_ON_NODE": "3"},
            3,
            "SLURM_MEM_PER_CPU × SLURM_CPUS_ON_NODE",
        ),
        ({"SLURM_MEM_PER_CPU": "1024"}, 64, resources.MACHINE),
    ],
)
def test_slurm_tells_of_memory(
    tmp_path: Path, environ: Mapping[str, str], gib: int, source: str
) -> None:
    assert memory(tree(tmp_path, "", "", {}), environ) == (gib * GIB, source)


def test_the_limit_of_a_process_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def limits(which: int) -> tuple[int, int]:
        soft = 3 * GIB if which == resource.RLIMIT_AS else resource.RLIM_INFINITY
        return soft, resource.RLIM_INFINITY

    monkeypatch.setattr(resource, "getrlimit", limits)
    assert memory(tree(tmp_path, "", "", {})) == (3 * GIB, "RLIMIT_AS")


@pytest.fixture
def many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_affinity", lambda: resources.Limit(16, resources.MACHINE))


@pytest.mark.usefixtures("many_cores")
@pytest.mark.parametrize(
    ("cgroup", "mount", "files", "count"),
    [
        ("0::/a/b", V2, {"a/b/cpu.max": "400000 100000"}, 4),
        ("0::/a/b", V2, {"a/b/cpu.max": "max 100000", "a/cpu.max": "150000 100000"}, 2),
        ("0::/a/b", V2, {"a/b/cpu.max": "1000 100000"}, 1),
        ("0::/a/b", V2, {"a/b/cpu.max": "1000 0"}, 16),
        ("0::/a/b", V2, {"a/b/cpu.max": "max"}, 16),
        (
            OF_V1,
            V1,
            {
                "cpu,cpuacct/a/b/cpu.cfs_quota_us": -1,
                "cpu,cpuacct/a/b/cpu.cfs_period_us": 100000,
                "cpu,cpuacct/a/cpu.cfs_quota_us": 300000,
                "cpu,cpuacct/a/cpu.cfs_period_us": 100000,
            },
            3,
        ),
    ],
)
def test_quotas_limit_the_cores(
    tmp_path: Path, cgroup: str, mount: str, files: Mapping[str, object], count: int
) -> None:
    assert resources.cores(tree(tmp_path, cgroup, mount, files), {}).amount == count


@pytest.mark.usefixtures("many_cores")
@pytest.mark.parametrize(
    ("environ", "count"),
    [
        ({"SLURM_CPUS_ON_NODE": "4"}, 4),
        ({"SLURM_CPUS_PER_TASK": "2"}, 2),
        ({"SLURM_CPUS_PER_TASK": "2", "SLURM_CPUS_ON_NODE": "8"}, 8),  # in a batch script
        ({"SLURM_CPUS_PER_TASK": "2", "SLURM_CPUS_ON_NODE": "8", "SLURM_STEP_ID": "0"}, 2),
        ({"SLURM_JOB_CPUS_PER_NODE": "4(x2),6", "SLURM_NODEID": "0"}, 4),
        ({"SLURM_JOB_CPUS_PER_NODE": "4(x2),6", "SLURM_NODEID": "2"}, 6),
        ({"SLURM_JOB_CPUS_PER_NODE": "4(x2),6", "SLURM_NODEID": "3"}, 16),
        ({"SLURM_JOB_CPUS_PER_NODE": ""}, 16),
        ({"SLURM_CPUS_ON_NODE": "-1"}, 16),
        ({"SLURM_CPUS_ON_NODE": "64"}, 16),
        ({"PBS_JOBID": "1", "NCPUS": "3"}, 3),
        ({"NCPUS": "3"}, 16),
        ({"SGE_ROOT": "/sge", "NSLOTS": "5"}, 5),
        ({"LSB_JOBID": "1", "LSB_DJOB_NUMPROC": "6"}, 6),
    ],
)
def test_schedulers_of_batch_jobs_limit_the_cores(
    tmp_path: Path, environ: Mapping[str, str], count: int
) -> None:
    assert resources.cores(tmp_path, environ).amount == count


def test_throttling_adds_up_over_the_groups(tmp_path: Path) -> None:
    files = {
        "a/b/cpu.stat": "nr_throttled 3\nthrottled_usec 1500000",
        "a/cpu.stat": "throttled_usec 500000",
        "cpu.stat": "usage_usec 7",
    }
    root = tree(tmp_path, "0::/a/b", V2, files)
    assert resources.throttled_s(own_and_above("cpu", root)) == 2
    v1 = {"cpu,cpuacct/a/cpu.stat": "throttled_time 2500000000", "cpu,cpuacct/a/b/cpu.stat": "x"}
    root = tree(tmp_path / "1", OF_V1, V1, v1)
    assert resources.throttled_s(own_and_above("cpu", root)) == 2.5


def test_what_the_kernel_ended_is_counted_in_the_own_group(tmp_path: Path) -> None:
    files = {"a/b/memory.events": "oom 9\noom_kill 2\noom_group_kill 0", "a/memory.events": "x"}
    assert resources.oom_kills(tree(tmp_path, "0::/a/b", V2, files)) == 2
    v1 = {"memory/a/b/memory.oom_control": "under_oom 0\noom_kill 3"}
    root = tree(tmp_path / "1", OF_V1, V1, v1)
    assert resources.oom_kills(root) == 3
    (root / "sys/fs/cgroup/memory/a/b/memory.oom_control").unlink()
    (root / "proc/vmstat").write_text("pgfault 1\noom_kill 7\n")
    assert resources.oom_kills(root) == 7


def test_the_fullest_group_says_what_may_be_started(tmp_path: Path) -> None:
    files = {"a/b/pids.max": "max", "a/pids.max": 20, "a/pids.current": 12, "pids.max": 10}
    root = tree(tmp_path, "0::/a/b", V2, files)
    assert resources.tasks_left(root) == (8, "pids.max of cgroup /a")


def test_a_users_threads_count_against_ulimit_u(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("os.getuid", lambda: tmp_path.stat().st_uid)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10, 20))
    for thread in ("proc/7/task/7", "proc/7/task/8", "proc/9/task/9", "proc/net/task/1"):
        (tmp_path / thread).mkdir(parents=True)
    assert resources.tasks_left(tmp_path) == (7, "ulimit -u")


def test_files_are_counted_against_the_hard_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 512))
    for number in range(12):
        (tmp_path / f"proc/self/fd/{number}").mkdir(parents=True)
    assert resources.files_left(tmp_path) == (500, "ulimit -n")
