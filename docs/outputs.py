"""Print the output on the pages again, from the journals that are kept in docs/journals.

    python docs/outputs.py                           # print all of it anew: make outputs
    python docs/outputs.py measure RUN ...           # measure these runs anew, then print
    python docs/outputs.py keep JOURNAL OLD=NEW ...  # keep a journal; folders are renamed in it

A block of output is printed from a journal if it ends with ``run NAME``, and by the command of the
comment before it (``<!-- printed by: daskbench ... -->``) if there is one. A test compares.
"""

import json
import lzma
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from click.testing import CliRunner

from daskbench.cli import main

DOCS = Path(__file__).resolve().parent
JOURNALS = DOCS / "journals"
PAGES = (DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md")))
#: Columns of the output, those of a terminal.
WIDTH = 80

_BLOCK = re.compile(
    r"^(?:<!-- printed by: daskbench (?P<by>.+) -->\n\n)?"
    r"(?P<command>(?:^ {4}\$ .+\n)?)"
    r"(?P<output>^ {4}(?!\$ ).*\n(?:^(?: {4}.*)?\n)*^ {4}.*\n)",
    re.MULTILINE,
)
_RUN = re.compile(r"^ {4}run ([^\s;]+)(?:; .+)?\n\Z", re.MULTILINE)
#: What the last line says of a run that is shown by its name, and of others.
_EXPLAIN = re.compile(r"(?<=: )--explain$", re.MULTILINE)
_COMMAND, _METHOD = "daskbench show --explain", "table(explain=True)"
_PYTHON = re.compile(r"```python\n(.*?)```\n\n\Z", re.DOTALL)


def kept() -> list[str]:
    """Return the names of the runs that are kept."""
    return sorted(path.name.removesuffix(".jsonl.xz") for path in JOURNALS.glob("*.jsonl.xz"))


@cache
def store() -> str:
    """Return a folder in which the kept journals are, as a store of runs."""
    folder = tempfile.TemporaryDirectory()
    _folders.append(folder)
    for name in kept():
        text = lzma.decompress((JOURNALS / f"{name}.jsonl.xz").read_bytes())
        Path(folder.name, f"{name}.jsonl").write_bytes(text)
    return folder.name


_folders: list[tempfile.TemporaryDirectory[str]] = []


@cache
def printed(arguments: str) -> str:
    """Return what a command prints about the kept runs, indented as on a page."""
    environment = {"COLUMNS": str(WIDTH), "DASKBENCH_STORE": store(), "NO_COLOR": "1"}
    result = CliRunner().invoke(main, arguments.split(), env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    lines = result.output.rstrip("\n").splitlines()
    return "".join(f"    {line}".rstrip() + "\n" for line in lines)


def again(page: str) -> str:
    """Return the text of a page with all of its output printed again."""
    return _BLOCK.sub(_again, page)


def _again(block: re.Match[str]) -> str:
    before = block[0][: block.start("output") - block.start()]
    if block["by"]:
        return before + printed(block["by"])
    if (run := _RUN.search(block["output"])) and run[1] in kept():
        more = " --published" if "--published" in block["command"] else ""
        typed = block["command"] or not _PYTHON.search(block.string[: block.start()])
        how = _COMMAND if typed else _METHOD
        return before + _EXPLAIN.sub(how, printed(f"show {run[1]}{more}"))
    return block[0]


def not_printed(page: str) -> Iterator[str]:
    """Yield the runs whose output a page shows, but whose journal is not kept."""
    for block in _BLOCK.finditer(page):
        run = _RUN.search(block["output"])
        if run and not block["by"] and run[1] not in kept():
            yield run[1]


def keep(journal: Path, renamed: dict[str, str]) -> None:
    """Keep a journal, without its seal and what it tells of the machine's folders."""
    first, *others = journal.read_text(encoding="utf-8").splitlines()
    header = json.loads(first)
    header.pop("seal", None)
    header["environment"]["platform"] = sys.platform
    text = "\n".join((json.dumps(header, ensure_ascii=False, separators=(",", ":")), *others, ""))
    for old, new in renamed.items():
        text = text.replace(old, new)
    JOURNALS.mkdir(exist_ok=True)
    (JOURNALS / f"{journal.name}.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def measure(old: str) -> None:
    """Run what a page shows above the output of a run, and keep the new run in its place.

    Sentences that speak of its figures are to be read again.
    """
    texts = (path.read_text(encoding="utf-8") for path in PAGES)
    words = next(filter(None, (shown_above(old, text) for text in texts)))
    with tempfile.TemporaryDirectory() as folder:
        kept_in = {"DASKBENCH_STORE": folder, "NO_COLOR": "1"}
        subprocess.run(words, cwd=DOCS.parent, env={**os.environ, **kept_in}, check=False)
        (journal,) = Path(folder).glob("*.jsonl")
        home = "/home/user"
        keep(journal, {folder: f"{home}/.daskbench", str(DOCS.parent): f"{home}/daskbench"})
        for path in PAGES:
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(old, journal.stem), encoding="utf-8")
    (JOURNALS / f"{old}.jsonl.xz").unlink(missing_ok=True)


def shown_above(run: str, page: str) -> list[str]:
    """Return the words of the command above the output of a run; empty if it isn't on the page."""
    for block in _BLOCK.finditer(page):
        shown = _RUN.search(block["output"])
        if not shown or shown[1] != run:
            continue
        if block["command"]:
            return [sys.executable, "-m", *shlex.split(block["command"].strip(" $\n"))]
        if python := _PYTHON.search(page[: block.start()]):
            return [sys.executable, "-c", python[1]]
    return []


def write() -> None:
    """Write the output on all pages anew."""
    for path in PAGES:
        old = path.read_text(encoding="utf-8")
        if (new := again(old)) != old:
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{os.path.relpath(path)}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["keep"]:
        keep(Path(sys.argv[2]), dict(word.split("=", 1) for word in sys.argv[3:]))
        sys.exit()
    for name in sys.argv[2:]:
        measure(name)
    write()
