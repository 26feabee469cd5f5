"""README and docs/ name every command and option, and what they show is valid."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from daskbench import benchmarks
from daskbench.asking import subject
from daskbench.benchmarks import BENCHMARKS
from daskbench.cli import COMMANDS, main
from daskbench.config.file import SuiteFile
from daskbench.config.keys import option_name
from daskbench.experiments import experiment

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
OTHERS = [
    ROOT / name
    for name in ("CONTRIBUTING.md", "SECURITY.md", "RELEASING.md", "packaging/README.md")
]
TEXTS = {path: path.read_text(encoding="utf-8") for path in (README, *PAGES, *OTHERS)}
MANUAL = "\n".join(TEXTS[path] for path in (README, *PAGES))

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_LINE = re.compile(r"^ {4}(?:\$ )?daskbench (\S.*)$", re.MULTILINE)
#: The parameters of the examples' own benchmark.
_TOTAL = {"--n", "--chunk"}


def options_of(name: str) -> list[str]:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return [
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
    ]


def is_told(word: str) -> bool:
    """Whether the manual has a word by itself: ``--n`` is not told by ``--no-progress``."""
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", MANUAL))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_manual_tells_of_every_command_and_option(name: str) -> None:
    assert f"    daskbench {name}" in MANUAL, "there is an example of each command"
    assert [option for option in options_of(name) if not is_told(option)] == []


def test_the_readme_is_short() -> None:
    assert len(TEXTS[README].splitlines()) < 150


def entries(index: Path) -> set[Path]:
    """The pages in the tables of contents of a page."""
    found: set[Path] = set()
    for body in re.findall(r"```{toctree}\n(.*?)```", TEXTS[index], re.DOTALL):
        lines = [line for line in body.splitlines() if line and not line.startswith(":")]
        assert lines, index
        found |= {(index.parent / line).with_suffix(".md") for line in lines}
    return found


def test_every_page_is_in_the_table_of_contents_of_its_kind() -> None:
    kinds = [
        DOCS / kind / "index.md" for kind in ("tutorials", "how-to", "reference", "explanation")
    ]
    assert set(kinds) < entries(DOCS / "index.md")
    reached = entries(DOCS / "index.md").union(*map(entries, kinds)) | {DOCS / "index.md"}
    assert {path for path in PAGES if path not in reached} == set()


def test_every_page_of_a_kind_is_linked_and_described() -> None:
    for index in (path for path in PAGES if path.name == "index.md" and path.parent != DOCS):
        linked = set(_LINK.findall(TEXTS[index]))
        assert {path.name for path in entries(index) if path.suffix == ".md"} - linked == set()


def test_pages_that_have_moved_lead_to_pages() -> None:
    source = ast.parse((DOCS / "conf.py").read_text(encoding="utf-8"))
    (moved,) = [
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MOVED"
    ]
    assert {DOCS / f"{new}.md" for new in moved.values()} <= {*PAGES}
    assert not {DOCS / f"{old}.md" for old in moved} & {*PAGES}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_python_shown_can_be_compiled(path: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", TEXTS[path], re.DOTALL):
        if not re.search(r"^%", block, re.MULTILINE):  # a notebook's magic
            compile(block, path.name, "exec")


def anchors_of(text: str) -> set[str]:
    """The anchors of a page's headings, as the common hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(TEXTS[path]):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        assert not anchor or anchor in anchors_of(found.read_text(encoding="utf-8")), target


def words_of(line: str) -> Iterator[list[str]]:
    """The words of each daskbench command of a line, without comments."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in (*lexer, ";"):
        if word in (";", "&&", "|", ">"):
            if words:
                yield words
            words = []
        else:
            words.append(word)


@pytest.mark.parametrize("line", sorted({*_LINE.findall(MANUAL)}))
def test_commands_shown_have_the_options_that_they_use(line: str) -> None:
    own = {f"--{option_name(name)}" for one in BENCHMARKS for name in subject(one).parameters}
    own.add("--arguments")  # of a script
    for words in words_of(f"daskbench {line}"):
        if words[0] == "daskbench" and words[1] in COMMANDS:
            known = {*options_of(words[1]), "--help"}
            known |= own | _TOTAL if {"--benchmark", "--param"} & known else set()
            ours = words[2 : words.index("--")] if "--" in words else words[2:]
            used = [word.partition("=")[0] for word in ours if re.match(r"--?[a-z]", word)]
            assert [option for option in used if option not in known] == []
        elif words[0] == "daskbench":
            assert words[1] == "COMMAND"


@pytest.mark.parametrize("path", [README, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_suites_shown_can_be_read(path: Path) -> None:
    for text in re.findall(r"```toml\n(.*?)```", TEXTS[path], re.DOTALL):
        assert SuiteFile(path, text, experiment).suites


def test_the_benchmark_shown_is_the_example() -> None:
    source = (ROOT / "examples" / "total.py").read_text(encoding="utf-8")
    page = TEXTS[DOCS / "how-to" / "add-a-benchmark.md"]
    assert f"```python\n{source[source.index('class Total') :]}```" in page


def test_the_function_shown_is_the_example() -> None:
    source = (ROOT / "examples" / "pipeline.py").read_text(encoding="utf-8")
    page = TEXTS[DOCS / "reference" / "targets.md"]
    assert f"```python\n{source[source.index('def build(') :]}```" in page


def test_what_a_benchmark_may_have_is_declared() -> None:
    folder = Path(benchmarks.__file__).parent
    declared = "".join((folder / name).read_text("utf-8") for name in ("base.py", "drawing.py"))
    page = TEXTS[DOCS / "how-to" / "add-a-benchmark.md"]
    names = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert len(names) > 5
    assert [
        n for n in names if f"    def {n}(self" not in declared and f"    {n}:" not in declared
    ] == []
