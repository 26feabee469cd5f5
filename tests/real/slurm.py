"""A real SLURM on this machine: a controller and two nodes, with a munge of their own."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from .tool import wait_for

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel")
CONFIGURATION = """
ClusterName=daskbench
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=2
SchedulerParameters=sched_interval=1,sched_min_interval=10000,batch_sched_delay=0
NodeName=n1 NodeHostname=localhost Port={one} CPUs=4 RealMemory=4000 State=UNKNOWN
NodeName=n2 NodeHostname=localhost Port={two} CPUs=4 RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """Started in a folder of its own, with free ports; ended by its owner, the test."""

    def __init__(self) -> None:
        self._path = f"{os.environ.get('PATH', '')}:/usr/sbin"
        if missing := [name for name in PROGRAMS if not shutil.which(name, path=self._path)]:
            pytest.skip(f"needs {', '.join(missing)} (make system-packages)")
        with ExitStack() as unwind:
            made = tempfile.mkdtemp(prefix="slurm-", dir="/tmp")  # a short name, for the socket
            unwind.callback(shutil.rmtree, made, ignore_errors=True)
            self.folder = Path(made)
            self._configure()
            self._processes: dict[str, subprocess.Popen[bytes]] = {}
            unwind.callback(self._end_all)
            self._start_munge()
            self.start_controller()
            for node in ("n1", "n2"):
                self._start(f"slurmd-{node}", "slurmd", "-D", "-N", node)
            wait_for("two idle nodes", lambda: self.ask("sinfo", "-h", "-o", "%t %D") == "idle 2")
            self._unwind = unwind.pop_all()

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which its commands find it."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def _configure(self) -> None:
        self.folder.chmod(0o755)
        (self.folder / "state").mkdir()
        controller, one, two = _free_ports()
        text = CONFIGURATION.format(
            user=getpass.getuser(), folder=self.folder, controller=controller, one=one, two=two
        )
        (self.folder / "slurm.conf").write_text(text)

    def _start_munge(self) -> None:
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        names = {"socket": "munge.socket", "pid-file": "munge.pid", "log-file": "munge.log"}
        names |= {"key-file": "munge.key", "seed-file": "munge.seed"}
        options = [f"--{option}={self.folder / name}" for option, name in names.items()]
        self._start("munged", "munged", "--foreground", *options)
        wait_for("munged", (self.folder / "munge.socket").exists)

    def start_controller(self) -> None:
        """Start the controller, also again."""
        self._start("slurmctld", "slurmctld", "-D")
        wait_for("slurmctld", lambda: "UP" in self.ask("scontrol", "ping"))

    def stop_controller(self) -> None:
        """Stop the controller; jobs run on."""
        process = self._processes.pop("slurmctld")
        process.terminate()
        process.wait(20)

    @contextmanager
    def drained(self) -> Iterator[None]:
        """Take both nodes out of service meanwhile; what runs there runs on."""
        nodes = ("scontrol", "update", "nodename=n[1-2]")
        self.ask(*nodes, "state=drain", "reason=maintenance")
        try:
            yield
        finally:
            self.ask(*nodes, "state=resume")

    def _start(self, name: str, program: str, *arguments: str) -> None:
        found = shutil.which(program, path=self._path)
        assert found
        with (self.folder / f"{name}.out").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [found, *arguments],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ask(self, *command: str) -> str:
        """Return what a command says."""
        return self._run(*command).stdout.strip()

    @property
    def jobs(self) -> list[str]:
        """The jobs that are in the queue; a busy controller may not answer, which is no answer."""
        done = self._run("squeue", "--noheader", "--format=%i")
        return done.stdout.split() if done.returncode == 0 else [done.stderr.strip()]

    def _run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def close(self) -> None:
        self._unwind.close()

    def _end_all(self) -> None:
        self.ask("scancel", "--user", getpass.getuser())
        for process in reversed(self._processes.values()):
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_ports() -> Iterator[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = [one.getsockname()[1] for one in sockets]
    return iter(ports)
