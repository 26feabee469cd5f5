"""The folder that holds journals (``.daskbench``), and how a run is named and found there."""

import os
import re
import secrets
from datetime import datetime
from pathlib import Path

from daskbench.errors import JournalError, UsageError, nearest
from daskbench.journal.write import is_live
from daskbench.paths import usable
from daskbench.units import counted

LATEST = "latest"
_SUFFIX = ".jsonl"
_BEFORE = re.compile(rf"{LATEST}(?:~([0-9]+))?")


class Store:
    """The journals of one folder. The folder appears when the first run is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def run_ids(self) -> list[str]:
        """The runs in the store, oldest first."""
        return sorted(path.stem for path in self.folder.glob(f"*{_SUFFIX}"))

    def path(self, run_id: str) -> Path:
        """Return where the journal of a run is, or would be."""
        return self.folder / f"{run_id}{_SUFFIX}"

    def new_id(self, started: datetime, command: str) -> str:
        """Name a run that starts now; names sort by time, and two at once differ."""
        return f"{started:%Y%m%d-%H%M%S}-{command}-{secrets.token_hex(2)}"

    def prepare(self) -> None:
        """Make the folder ready for a run; raises JournalError where it can't be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise JournalError(
                f"cannot use the store {self.folder}: {error.strerror}; name another with --store"
            ) from error
        if not os.access(self.folder, os.W_OK):
            raise JournalError(
                f"cannot write to the store {self.folder}; name another with --store"
            )

    def find(self, name: str) -> Path:
        """Return the journal of the run called `name`: ``latest``, an id or its beginning.

        ``latest~1`` is the run before the latest.

        Raises UsageError where there is none, or more than one.
        """
        runs = self.run_ids
        if not runs:
            raise UsageError(
                f"no runs in {self.folder}; measure one with 'daskbench schedulers', "
                "or name another store with --store"
            )
        if before := _BEFORE.fullmatch(name):
            return self._latest(runs, int(before[1] or 0))
        matches = [name] if name in runs else [run for run in runs if run.startswith(name)]
        if len(matches) > 1:
            raise UsageError(f"'{name}' begins {len(matches)} runs: {', '.join(matches)}")
        if not matches:
            raise UsageError(f"no run '{name}' in {self.folder}: {nearest(name, runs)}")
        return self.path(matches[0])

    def _latest(self, runs: list[str], before: int) -> Path:
        """Return the run that was written to last, or so many before that."""
        if before >= len(runs):
            raise UsageError(
                f"no '{LATEST}~{before}' in {self.folder}: it has {counted(len(runs), 'run')}"
            )
        last = sorted(runs, key=lambda run: (self.path(run).stat().st_mtime_ns, run))
        return self.path(last[-1 - before])

    def find_or_file(self, name: str) -> Path:
        """Return the same, or the journal file that `name` is the path of."""
        if Path(name).suffix == _SUFFIX and usable(name).is_file():
            return Path(name)
        return self.find(name)

    def delete(self, path: Path) -> None:
        """Delete a journal; raises UsageError while it is being measured."""
        if is_live(path):
            raise UsageError(f"{path.stem} is being measured; stop it first")
        try:
            path.unlink()
        except OSError as error:
            raise JournalError(f"cannot delete {path}: {error.strerror}") from error
