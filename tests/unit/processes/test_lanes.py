"""Lanes and their reaper, on real but trivial child processes: a shell that answers once."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import psutil
import pytest

from daskbench.config.together import FILES_A_LANE
from daskbench.errors import Interrupted, UsageError
from daskbench.lane.probes.blas import BLAS_VARIABLES
from daskbench.lane.protocol import Listen, TakeSample
from daskbench.processes import reaper as reaper
from daskbench.processes.lane import Lane
from daskbench.processes.lanes import Lanes
from daskbench.processes.stall import Stall
from daskbench.processes.talk import LaneError
from daskbench.processes.wire import Wire
from daskbench.resources import Limit

Start = Callable[..., Lane]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a shell script as a lane: it reads commands from stdin and answers on stdout.

    Every command has the same token here.
    """
    monkeypatch.setattr("secrets.token_hex", lambda size: "t")
    started: list[Lane] = []

    def begin(script: str, log: str = "") -> Lane:
        (commands, ours), (theirs, answers) = os.pipe(), os.pipe()
        process = subprocess.Popen(
            ["/bin/sh", "-c", script], stdin=commands, stdout=answers, start_new_session=True
        )
        os.close(commands)
        os.close(answers)
        (tmp_path / "log").write_text(log)
        started.append(Lane(process, Wire(ours, theirs), tmp_path / "log"))
        return started[-1]

    yield begin
    for lane in started:
        lane.end(deadline=0.0)


def ask(lane: Lane, timeout_s: float = 20.0) -> dict[str, object]:
    return lane.ask(TakeSample(loops=1), timeout_s, lambda: None)


OK = """echo '{"id": "t", "ok": true, "wall_s": 1}';"""


def test_a_lane_answers(start: Start) -> None:
    lane = start(f"read line; {OK} read line")
    assert ask(lane) == {"wall_s": 1}
    assert lane.peak_rss_bytes > 0


def test_a_lane_hears_the_whole_command(start: Start) -> None:
    answer = """'{"id": "t", "ok": true, "command": '"$line}\""""
    lane = start(f"read -r line; echo {answer}; read x")

    assert ask(lane) == {"command": {"op": "sample", "loops": 1, "account": False, "id": "t"}}


def test_an_answer_may_come_in_pieces(start: Start) -> None:
    pieces = """printf '{"id": "t", "ok": '; sleep 0.05; printf 'true, "a": 1}\\n';"""
    assert ask(start(f"read line; {pieces} read line")) == {"a": 1}


def test_a_long_answer_comes_whole(start: Start) -> None:
    script = """read line; printf '{"id": "t", "ok": true, "a": "%0200000d"}\\n' 1; read line"""
    assert len(str(ask(start(script))["a"])) == 200_000


def test_a_failure_answer_has_reason_and_detail(start: Start) -> None:
    answer = '{"id": "t", "ok": false, "reason": "MemoryError: no", "detail": "Traceback"}'
    lane = start(f"read line; echo '{answer}'; read line")
    with pytest.raises(LaneError, match=r"^MemoryError: no$") as error:
        ask(lane)
    assert error.value.detail == "Traceback"


def test_a_lane_that_ends_says_how_and_what_it_said_last(start: Start) -> None:
    lane = start("read line; exit 3", log="one\nImportError: no dask\n")
    with pytest.raises(LaneError, match=r"^its lane ended \(exit 3\): ImportError: no dask$"):
        ask(lane)


def test_a_lane_that_is_killed_says_by_what(start: Start) -> None:
    with pytest.raises(LaneError, match=r"^its lane was killed \(SIGKILL\)$"):
        ask(start("read line; kill -KILL $$"))


def test_a_lane_that_is_gone_already_is_told(start: Start) -> None:
    lane = start("exit 4")
    os.waitid(os.P_PID, lane.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(LaneError, match=r"exit 4"):
        ask(lane)


def test_a_silent_lane_is_given_up(start: Start) -> None:
    with pytest.raises(LaneError, match=r"no answer within 0\.01 s \(--timeout\)"):
        ask(start("read line; sleep 100"), timeout_s=0.01)


def test_a_time_out_says_what_the_lane_was_at(start: Start, tmp_path: Path) -> None:
    lane = start(
        f"read line; printf 'waiting\\033[2J' > {tmp_path}/doing; {OK} read line; sleep 100"
    )
    assert ask(lane) == {"wall_s": 1}
    assert lane.doing == "waiting\\x1b[2J"
    with pytest.raises(LaneError, match=r"computed a sample; its lane"):  # of this it says nothing
        ask(lane, timeout_s=0.01)
    (tmp_path / "doing").unlink(missing_ok=True)
    lane = start(f"read line; printf 'waiting for X' > {tmp_path}/doing; sleep 100")
    with pytest.raises(LaneError, match=r"computed a sample: waiting for X; its lane"):
        ask(lane, timeout_s=1.0)


def test_an_interruption_comes_through_while_a_lane_works(start: Start) -> None:
    def tick() -> None:
        raise Interrupted("interrupted")

    with pytest.raises(Interrupted):
        start("read line; sleep 100").ask(TakeSample(loops=1), 20.0, tick)


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 10
    while not condition():
        assert monotonic() < deadline


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_frozen_lane_stands_still_and_goes_on_when_thawed(start: Start) -> None:
    lane = start(f"read line; {OK} read line")
    lane.freeze()
    wait_for(lambda: state_of(lane.pid) == "T")
    lane.thaw()
    wait_for(lambda: state_of(lane.pid) != "T")
    assert ask(lane) == {"wall_s": 1}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").exists() or state_of(pid) != "Z"


@pytest.mark.parametrize("frozen", [False, True])
def test_the_end_of_a_lane_is_that_of_all_its_processes(start: Start, frozen: bool) -> None:
    answer = """'{"id": "t", "ok": true, "child": '"$!}\""""
    lane = start(f"read line; sleep 100 & echo {answer}; wait")

    child = int(str(ask(lane)["child"]))
    assert is_alive(child)
    if frozen:
        lane.freeze()
    lane.end(deadline=0.0)
    wait_for(lambda: not is_alive(lane.pid))
    wait_for(lambda: not is_alive(child))


def test_signals_to_a_lane_that_is_gone_are_nothing(start: Start) -> None:
    lane = start("exit 0")
    lane.end(deadline=monotonic() + 5)
    lane.freeze()
    lane.thaw()
    lane.ask_to_close()


def test_lanes_leave_no_folder_and_no_reaper_behind(tmp_path: Path) -> None:
    with Lanes(tmp_path) as lanes:
        assert [path.name[:10] for path in tmp_path.iterdir()] == ["daskbench-"]
        watching = lanes._reaper.pid
    assert list(tmp_path.iterdir()) == []
    assert not psutil.pid_exists(watching)


def spawned_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blas_threads: int | None
) -> dict[str, str]:
    """Start a lane whose interpreter only writes its environment down."""
    printer = tmp_path / "python"
    printer.write_text("#!/bin/sh\nenv\n")
    printer.chmod(0o755)
    own = {"OMP_NUM_THREADS": "7", "PATH": os.defpath}
    with Lanes(tmp_path, own) as lanes:
        monkeypatch.setattr(sys, "executable", str(printer))
        lane = lanes.start(blas_threads)
        lane._process.wait(10)
        return dict(
            line.split("=", 1) for line in lane._log.read_text().splitlines() if "=" in line
        )


def test_a_lane_has_its_blas_threads_and_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = spawned_environment(tmp_path, monkeypatch, 3)
    assert {found[name] for name in BLAS_VARIABLES} == {"3"}
    assert found["TMPDIR"] == found["DASK_TEMPORARY_DIRECTORY"]
    assert found["TMPDIR"].startswith(str(tmp_path / "daskbench-"))
    assert found["DASKBENCH_LANE_PIPES"].count(",") == 1


def test_native_blas_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = spawned_environment(tmp_path, monkeypatch, None)
    assert found["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in found


# The reaper


def ignores(pid: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(status.partition("SigIgn:")[2].split()[0], 16)
    return bool(mask >> (number - 1) & 1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_when_the_tool_is_gone_the_reaper_ends_its_lanes_and_folder(tmp_path: Path) -> None:
    folder = tmp_path / "daskbench-x"
    (folder / "lane").mkdir(parents=True)
    lane, other = (subprocess.Popen(["sleep", "100"], start_new_session=True) for _ in range(2))
    os.killpg(lane.pid, signal.SIGSTOP)
    lines = f"{folder}\n+{lane.pid}\n+{other.pid}\n-{other.pid}\n"
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(reaper.__file__)], stdin=subprocess.PIPE
    )
    try:
        assert watcher.stdin is not None
        watcher.stdin.write(lines.encode())
        watcher.stdin.flush()
        wait_for(lambda: ignores(watcher.pid, signal.SIGTERM))
        watcher.send_signal(signal.SIGTERM)
        assert lane.poll() is None
        watcher.stdin.close()
        assert lane.wait(10) == -signal.SIGKILL
        assert watcher.wait(10) == 0
        assert not folder.exists()
        assert other.poll() is None
    finally:
        for process in (lane, other, watcher):
            process.kill()
            process.wait()


def test_a_lane_that_answers_at_once_still_heeds_the_tick(start: Start) -> None:
    lane, ticks = start("""read line; echo '{"id": "t", "ok": true}'"""), []
    lane.ask(Listen(), 20, lambda: ticks.append(1))
    assert ticks


def test_a_dead_lane_is_noticed_though_a_child_of_it_holds_the_pipe(start: Start) -> None:
    lane = start("sleep 60 & exit 3")
    with pytest.raises(LaneError, match=r"ended \(exit 3\)"):
        ask(lane)


def test_a_temporary_folder_that_cannot_be_is_told() -> None:
    with (
        pytest.raises(UsageError, match="cannot keep temporary files in /dev/null/x"),
        Lanes(Path("/dev/null/x")),
    ):
        pass


FAILED_SPILL = """distributed.spill - ERROR - Spill to disk failed; keeping data in memory
Traceback (most recent call last):
  File "file.py", line 135, in __setitem__
OSError: [Errno 30] Read-only file system
"""


def is_stuck(lane: Lane, monkeypatch: pytest.MonkeyPatch, *, cores: float) -> str | None:
    """Let a minute pass in which a lane logs something, and tell what is said of it."""
    now = [0.0]
    monkeypatch.setattr("daskbench.processes.stall.monotonic", lambda: now[0])
    monkeypatch.setattr("daskbench.lane.probes.tree.cpu_s", lambda pid: now[0] * cores)
    stuck = Stall(lane.pid, log := lane._log)
    log.write_text(log.read_text() + FAILED_SPILL)
    try:
        for _ in range(60):
            now[0] += 1.0
            stuck.check()
    except LaneError as error:
        return str(error)
    return None


def test_a_lane_that_cannot_spill_and_stands_still_is_given_up(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = is_stuck(start("read line"), monkeypatch, cores=0.1)
    assert why is not None
    assert why.startswith(
        "spilling failed (OSError: [Errno 30] Read-only file system) and nothing ran for 2"
    )
    assert "--memory-limit" in why


def test_a_lane_that_cannot_spill_but_works_goes_on(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_stuck(start("read line"), monkeypatch, cores=1.0) is None


@pytest.mark.parametrize(("refused", "given_up"), [(3, True), (2, False)])
def test_a_lane_that_waits_for_a_process_that_was_refused_is_given_up(
    start: Start, monkeypatch: pytest.MonkeyPatch, refused: int, given_up: bool
) -> None:
    counts = iter([2] + [refused] * 1000)
    limit = "daskbench.processes.stall.resources.tasks_refused"
    monkeypatch.setattr(limit, lambda: Limit(next(counts), "pids.max of cgroup /job"))
    monkeypatch.setattr("tests.unit.processes.test_lanes.FAILED_SPILL", "")
    why = is_stuck(start("read line"), monkeypatch, cores=0.1)
    words = "a process or thread could not be started (pids.max of cgroup /job) and nothing ran"
    assert (why is not None and why.startswith(words) and "--workers" in why) == given_up


def test_a_lane_that_could_not_spill_in_an_earlier_sample_goes_on(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = start("read line", log=FAILED_SPILL)
    monkeypatch.setattr("tests.unit.processes.test_lanes.FAILED_SPILL", "INFO - all is well\n")
    assert is_stuck(lane, monkeypatch, cores=0.1) is None


def test_proportional_memory_is_carried_on_between_its_readings(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane, resident, read = start("read line"), [100], [0]

    def pss(pid: int) -> int:
        read[0] += 1
        return resident[0] - 30

    def rss(pid: int, *, high_water: bool = False) -> int:
        return 500 if high_water else resident[0]

    monkeypatch.setattr("daskbench.lane.probes.tree.rss_bytes", rss)
    monkeypatch.setattr("daskbench.lane.probes.tree.pss_bytes", pss)
    lane._watch_memory(last=False)
    lane._next_pss = float("inf")  # it was dear
    for resident[0] in (300, 200):
        lane._watch_memory(last=False)
    assert (read[0], lane.peak_pss_bytes, lane.peak_rss_bytes) == (1, 270, 300)
    lane._watch_memory(last=True)
    assert (read[0], lane.peak_pss_bytes, lane.peak_rss_bytes) == (2, 270, 500)


def test_without_proportional_memory_the_high_water_is_alone(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = start("read line")
    monkeypatch.setattr("daskbench.lane.probes.tree.pss_bytes", lambda pid: None)
    lane._watch_memory(last=True)
    assert lane.peak_pss_bytes is None
    assert lane.peak_rss_bytes > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can set another's limit")
def test_a_lane_costs_as_many_files_as_plans_count_and_keeps_its_own_limit(
    tmp_path: Path,
) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    hard = before[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
        with Lanes(tmp_path) as lanes:
            files = len([*Path("/proc/self/fd").iterdir()])
            started = [lanes.start(1), lanes.start(1)]
            assert len([*Path("/proc/self/fd").iterdir()]) == files + 2 * FILES_A_LANE
            limits = [resource.prlimit(lane.pid, resource.RLIMIT_NOFILE) for lane in started]
            assert limits == [(hard - 1, hard)] * 2
            assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
