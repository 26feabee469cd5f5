"""A cluster on hosts that are reached by SSH: ``distributed.SSHCluster``.

Source: https://docs.dask.org/en/stable/deploying-ssh.html
"""

import asyncio
import logging
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

from daskbench.lane import activity
from daskbench.lane.causes import Explained, told
from daskbench.lane.deploy.base import Deployment
from daskbench.lane.deploy.options import check_names

#: How long a host may take to log in, and to start Python.
_CONNECT_S, _IMPORT_S = 15.0, 60.0
#: Without a terminal, sshd leaves processes alone when a connection breaks. So a watcher reads the
#: session's stdin, and ends its process group at the end of it: also where the lane was killed.
_LIFELINE = (
    "exec 3<&0; "
    '(cat <&3; trap "" TERM; kill -TERM 0; sleep 2; kill -KILL 0) >/dev/null 2>&1 & '
    'exec "$0" "$@" </dev/null 3<&-'
)
#: The line of an exception at the end of a traceback.
_ERROR = re.compile(r"[\w.]*(?:Error|Exception|Exit)\b")
_HERE = ("localhost", "127.", "::1")


class Ssh(Deployment):
    """The scheduler on the first host, and workers on the others in turn."""

    def __init__(self, case: Any) -> None:
        super().__init__(case)
        self.hosts = _hosts(self.options.pop("hosts"))
        pythons = self.options.pop("remote_python", None) or sys.executable
        self._pythons = _each(pythons, self.hosts)
        self._connecting = _each(self.options.pop("connect_options", None) or {}, self.hosts)
        self._worker: dict[str, Any] = self.options.pop("worker_options", None) or {}
        self._scheduler: dict[str, Any] = self.options.pop("scheduler_options", None) or {}

    def makers(self) -> Sequence[Callable[..., Any]]:
        """Return distributed's function, and the class that gets its further arguments."""
        from distributed import SpecCluster, SSHCluster

        return (SSHCluster, SpecCluster)

    def check(self) -> None:
        """Raise Explained also for options that asyncssh doesn't have, and odd numbers."""
        import asyncssh

        super().check()
        connect = (asyncssh.connect, asyncssh.SSHClientConnectionOptions.prepare)
        for options in self._connecting:
            if not isinstance(options, dict):
                raise Explained(f"ssh: connect_options={options}: write connect_options.KEY=VALUE")
            check_names("ssh: connect_options", options, connect)
        if not isinstance(count := self._worker.get("n_workers", 1), int) or count < 1:
            raise Explained(f"ssh: n_workers={count} is not a whole number above 0")

    def start(self) -> Any:
        """Check the hosts, and start scheduler and workers there."""
        from distributed import SSHCluster

        places = self._places()
        asyncio.run(self._check(sorted(set(places))))
        activity.report(f"starting scheduler and workers on {', '.join(dict.fromkeys(self.hosts))}")
        with _last_words():
            return SSHCluster(
                hosts=[self.hosts[place] for place in places],
                connect_options=[self._connecting[place] for place in places],
                remote_python=[_with_lifeline(self._pythons[place]) for place in places],
                worker_options=self._worker_options(),
                scheduler_options=self._scheduler_options(),
                **self.options,
            )

    def expected(self, cluster: Any) -> int:
        """Return the number of workers; a host may start several."""
        return self.case.workers or self._on_each * len(cluster.worker_spec)

    @property
    def _on_each(self) -> int:
        return int(self._worker.get("n_workers", 1))

    def _places(self) -> list[int]:
        """Return which hosts run the scheduler and each worker, as indices."""
        others = [*range(1, len(self.hosts))] or [0]
        count = -(-self.case.workers // self._on_each) if self.case.workers else len(others)
        return [0, *islice(cycle(others), count)]

    def _worker_options(self) -> dict[str, Any]:
        case = self.case
        asked = {"nthreads": case.threads_per_worker, "memory_limit": case.memory_limit_bytes}
        given = {name: value for name, value in asked.items() if value is not None}
        return {**self._on_localhost(self._worker), **self._worker, **given}

    def _scheduler_options(self) -> dict[str, Any]:
        ours = {"port": 0, "dashboard_address": "127.0.0.1:0"}
        return {**ours, **self._on_localhost(self._scheduler), **self._scheduler}

    def _on_localhost(self, options: Mapping[str, Any]) -> dict[str, str]:
        """Listen only there if all hosts are this one, and no interface is given."""
        is_here = all(host.startswith(_HERE) for host in self.hosts)
        return {"host": "127.0.0.1"} if is_here and "interface" not in options else {}

    async def _check(self, places: Sequence[int]) -> None:
        """Log in to each host once, as Dask tells only that a worker failed to start."""
        checked = {self.hosts[place]: place for place in places}
        for host, place in checked.items():
            activity.report(f"logging in to {host}")
            await _check_host(host, self._pythons[place], self._connecting[place])


class _Said(logging.Handler):
    """Keeps the last line that a scheduler or worker printed, and its last error."""

    last = error = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line of a record."""
        self.last = record.getMessage().strip() or self.last
        self.error = self.last if _ERROR.match(self.last) else self.error


@contextmanager
def _last_words() -> Iterator[None]:
    """Raise Explained with what a scheduler or worker printed before it failed to start."""
    said, logger = _Said(logging.INFO), logging.getLogger("distributed.deploy.ssh")
    before = logger.level
    logger.addHandler(said)
    logger.setLevel(logging.INFO)  # which is how distributed logs these lines
    try:
        yield
    except Exception as error:  # of a worker it is no other kind
        if not (why := said.error or said.last):
            raise
        raise Explained(f"ssh: scheduler or worker failed to start: {why}") from error
    finally:
        logger.removeHandler(said)
        logger.setLevel(before)


def _hosts(value: Any) -> list[str]:
    """Return the names of hosts. Raises Explained for what are none."""
    is_list = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
    if not (is_list and value):
        raise Explained(f"ssh: hosts={value}: write the names of hosts, as in hosts=A,B")
    return [*value]


def _each(value: Any, hosts: Sequence[str]) -> list[Any]:
    """Return a value for each host. Raises Explained if there are too many or too few."""
    values = value if isinstance(value, list) else [value] * len(hosts)
    if len(values) != len(hosts):
        raise Explained(f"ssh: {len(values)} values for {len(hosts)} hosts: {values}")
    return values


def _with_lifeline(python: str) -> str:
    return f"sh -c {shlex.quote(_LIFELINE)} {python}"


async def _check_host(host: str, python: str, options: Any) -> None:
    """Raise Explained unless a host lets us in and has a Python with distributed."""
    import asyncssh

    try:
        connected = asyncssh.connect(host, **options)
        connection = await asyncio.wait_for(connected, _CONNECT_S)
    except (OSError, asyncssh.Error, ValueError, TypeError, TimeoutError) as error:
        raise Explained(f"cannot log in to {host} by SSH: {_why(error)}") from error
    async with connection:
        command = f"{python} -c 'import distributed'"
        done = await asyncio.wait_for(connection.run(command), _IMPORT_S)
    if done.exit_status:
        lines = str(done.stderr or "").strip().splitlines()[-1:] or [f"exit {done.exit_status}"]
        raise Explained(f"{host} cannot start workers: {command}: {lines[0]}")


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_CONNECT_S:g} s"
    return told(error)
