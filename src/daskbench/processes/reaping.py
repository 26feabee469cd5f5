"""The near end of the reaper: tells it what to end, and what to remove, when the tool is gone."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from daskbench.processes import reaper

#: Keeps "daskbench" out of the reaper's command line, where 'pkill -9 -f daskbench' would match.
_REAPER = "import runpy; runpy.run_path(input(), run_name='__main__')"


class Reaping:
    """A reaper for one folder of temporary files, and for the process groups that it is told of.

    Processes that have `daskbench.processes.reaper.MARK` set to this folder, or to one within it,
    end as well. Raises OSError if no process can be started.
    """

    def __init__(self, folder: Path) -> None:
        theirs, self._pipe = os.pipe()
        self._tell(str(reaper.__file__))
        self._tell(str(folder))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _REAPER],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        except OSError:
            os.close(self._pipe)
            raise
        finally:
            os.close(theirs)

    @property
    def pid(self) -> int:
        """The process ID of the reaper."""
        return self._process.pid

    def watch(self, group: int) -> None:
        """End this process group when the tool ends."""
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """This process group has ended: another may get its number."""
        self._tell(f"-{group}")

    def close(self, *, wait: bool = True) -> None:
        """Let it end what is left, and wait until it has, unless that may take long."""
        os.close(self._pipe)
        if wait:
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell(self, line: str) -> None:
        with suppress(BrokenPipeError):  # the reaper was killed
            os.write(self._pipe, f"{line}\n".encode())
