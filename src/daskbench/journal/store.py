"""The folder of journals (``.daskbench``), and how runs are named and found in it."""

import os
import re
import secrets
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path

from daskbench.errors import JournalError, UsageError, nearest
from daskbench.journal.opening import is_being_written, kind_of, open_journal
from daskbench.paths import usable
from daskbench.units import counted

LATEST = "latest"
#: Where runs are kept unless told otherwise.
FOLDER = ".daskbench"
_SUFFIX = ".jsonl"
_BEFORE = re.compile(rf"{LATEST}(?:~([0-9]+))?")


class Store:
    """The journals of one folder, which is created when the first run is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def run_ids(self) -> list[str]:
        """The runs in the store, oldest first; only regular files count."""
        return sorted(name for name, kind in self._entries.items() if not kind)

    @property
    def odd(self) -> dict[str, str]:
        """Other entries with names of journals, and their kinds."""
        return {name: kind for name, kind in sorted(self._entries.items()) if kind}

    @cached_property
    def _entries(self) -> dict[str, str]:
        """All entries with names of journals, and their kinds if they are not regular files."""
        try:
            with os.scandir(self.folder) as entries:
                return {
                    entry.name.removesuffix(_SUFFIX): _kind(entry)
                    for entry in entries
                    if entry.name.endswith(_SUFFIX) and entry.name != _SUFFIX
                }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise JournalError(
                f"cannot read the store {self.folder}: {why}; name another with --store"
            ) from error

    def path(self, run_id: str) -> Path:
        """Return the path of the journal of a run, existing or not."""
        return self.folder / f"{run_id}{_SUFFIX}"

    def folder_of(self, run_id: str) -> Path:
        """Return the folder of what is sent to a run's lanes; only functions of a session are."""
        return self.folder / run_id

    def delete_folder(self, run_id: str) -> None:
        """Delete that folder, if there is one."""
        with suppress(OSError):
            for file in (folder := self.folder_of(run_id)).glob("*.pickle"):
                file.unlink()
            folder.rmdir()

    def new_id(self, started: datetime, command: str) -> str:
        """Name a run that starts now; names sort by time and are unique."""
        return f"{started:%Y%m%d-%H%M%S}-{command}-{secrets.token_hex(2)}"

    def prepare(self) -> None:
        """Prepare the folder for a run; raises JournalError if it can't be written."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        """Return the journal of the run called `name`: ``latest``, an id or a prefix of one.

        ``latest~1`` is the run before the latest.

        Raises UsageError if there is none, or more than one.
        """
        runs = self.run_ids
        if not runs and name not in self.odd:
            raise UsageError(
                f"no runs in {self.folder}; measure one with 'daskbench schedulers', "
                "or name another store with --store"
            )
        if before := _BEFORE.fullmatch(name):
            return self._latest(runs, int(before[1] or 0))
        if name in self.odd:  # reading says what it is
            return self.path(name)
        matches = [name] if name in runs else [run for run in runs if run.startswith(name)]
        if len(matches) > 1:
            raise UsageError(f"'{name}' matches {len(matches)} runs: {', '.join(matches)}")
        if not matches:
            raise UsageError(f"no run '{name}' in {self.folder}: {nearest(name, runs)}")
        return self.path(matches[0])

    def _latest(self, runs: list[str], before: int) -> Path:
        """Return the run that was written to last, or the one `before` runs earlier."""
        times = {run: self._written_ns(run) for run in runs}
        last = sorted((time, run) for run, time in times.items() if time is not None)
        if before >= len(last):
            raise UsageError(
                f"no '{LATEST}~{before}' in {self.folder}: it has {counted(len(last), 'run')}"
            )
        return self.path(last[-1 - before][1])

    def _written_ns(self, run: str) -> int | None:
        """Return when a run was last written to; None if it is empty or gone."""
        with suppress(OSError):
            found = self.path(run).stat()
            return found.st_mtime_ns if found.st_size else None
        return None

    def find_or_file(self, name: str) -> Path:
        """Return the journal of a run, or the journal file at the path `name`."""
        if Path(name).suffix == _SUFFIX:
            path = usable(name)
            if path.exists() and not path.is_dir():  # reading says what else it is
                return path
        return self.find(name)

    def delete(self, path: Path) -> None:
        """Delete a journal, or a link to one, and the folder of what was sent to its lanes.

        Raises UsageError while it is being measured.
        """
        with suppress(JournalError), open_journal(path) as file:
            if is_being_written(path, file):
                raise UsageError(f"{path.stem} is being measured; stop it first")
        try:
            path.unlink()
        except OSError as error:
            raise JournalError(f"cannot delete {path}: {error.strerror}") from error
        self.delete_folder(path.stem)


def _kind(entry: "os.DirEntry[str]") -> str:
    """Return the kind of an entry that is neither a regular file nor a link to one."""
    try:
        return "" if entry.is_file() else kind_of(entry.stat().st_mode)
    except FileNotFoundError:
        return "a link to nothing"
    except OSError as error:
        return str(error.strerror)
