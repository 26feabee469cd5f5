"""Graphs as pictures. Dask's own ``visualize`` is replaced by one that writes a file, or fails."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dask
import pytest

from daskbench.asking.direct import Direct
from daskbench.benchmarks import drawing, find_benchmark, make_benchmark
from daskbench.benchmarks.drawing import Drawable, check_drawing, draw
from daskbench.errors import UsageError


class Tasks:
    """A collection of so many tasks."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __dask_graph__(self) -> dict[int, int]:
        return dict.fromkeys(range(self.count), 0)


class Graph:
    """A benchmark with so many tasks for each chunk, of which there are so many."""

    def __init__(self, chunks: int, each: int = 10) -> None:
        self.chunks, self.each = chunks, each
        self.asked: list[int | None] = []

    def drawing(self, chunks: int | None) -> tuple[Sequence[Any], str]:
        self.asked.append(chunks)
        count = min(chunks or self.chunks, self.chunks)
        return [Tasks(count * self.each)], f"X in {count} chunks"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Dask was asked to draw."""
    asked: list[Any] = []

    def visualize(*collections: Any, filename: str, format: str) -> None:
        asked.extend(collections)
        Path(f"{filename}.{format}").write_text(f"a picture as {format}")

    monkeypatch.setattr(dask, "visualize", visualize)
    return asked


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What is needed


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: object())
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["graph.svg", "graph.png", "a.b.pdf"])
def test_with_all_that_is_needed_a_graph_can_be_drawn(name: str) -> None:
    check_drawing(Path(name))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["graph.txt", "graph", "-", "graph.svg.gz", ".svg"])
def test_a_file_that_is_no_picture_is_told(name: str) -> None:
    with pytest.raises(UsageError) as error:
        check_drawing(Path(name))
    assert str(error.value) == f"--graph {name}: name a file that ends in .svg, .png, .pdf"


@pytest.mark.usefixtures("installed")
def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"the Python package graphviz: pip install 'daskbench\["):
        check_drawing(Path("graph.svg"))


@pytest.mark.usefixtures("installed")
def test_a_missing_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="Graphviz's program dot: apt install graphviz"):
        check_drawing(Path("graph.svg"))


# What is drawn


@pytest.mark.parametrize("name", ["graph.svg", "graph.png", "a.b.pdf"])
def test_a_small_graph_is_drawn_as_it_is(here: Path, drawn: list[Any], name: str) -> None:
    graph = Graph(chunks=15)
    picture = f"a picture as {name[-3:]}".encode()
    assert draw(graph, Path(name)) == (picture, f"graph of 150 tasks in {name}")
    assert graph.asked == [None]
    assert [one.count for one in drawn] == [150]
    assert names_in(here) == []


def test_a_large_graph_is_drawn_for_fewer_chunks_and_says_so(here: Path, drawn: list[Any]) -> None:
    graph = Graph(chunks=200)
    assert draw(graph, Path("graph.svg"))[1] == (
        "graph of 80 of 2,000 tasks in graph.svg, drawn for X in 8 chunks, "
        "as X in 200 chunks has too many to read"
    )
    assert [one.count for one in drawn] == [80]


def test_chunks_are_halved_until_the_graph_can_be_read(here: Path, drawn: list[Any]) -> None:
    graph = Graph(chunks=200, each=50)
    assert draw(graph, Path("graph.svg"))[1].startswith("graph of 100 of 10,000 tasks in graph.svg")
    assert graph.asked == [None, 8, 4, 2]


def test_a_graph_that_stays_large_is_drawn_all_the_same(here: Path, drawn: list[Any]) -> None:
    graph = Graph(chunks=200, each=1000)
    assert draw(graph, Path("graph.svg"))[1].startswith("graph of 2,000 of 200,000 tasks")


@pytest.mark.parametrize(
    ("benchmark", "parameters", "what"),
    [
        ("svd", {}, "X of 80000x100, as X of 2000000x100 has too many to read"),
        ("svd", {"method": "gram"}, "the first step of gram on X of"),
        ("svd", {"shape": "100x2000000", "chunks": "100x10000"}, "X of 100x80000"),
        ("svd_compressed", {}, "drawn for X of"),
    ],
)
def test_decompositions_are_drawn_so_that_they_can_be_read(
    here: Path, drawn: list[Any], benchmark: str, parameters: dict[str, Any], what: str
) -> None:
    made = make_benchmark(benchmark, defaults_of(benchmark) | parameters, seed=0)
    assert isinstance(made, Drawable)
    _, line = draw(made, Path("graph.svg"))
    assert what in line
    assert int(line.split()[2].replace(",", "")) <= 150


def defaults_of(benchmark: str) -> dict[str, Any]:
    parameters = find_benchmark(benchmark).parameters
    return {name: parameter.default for name, parameter in parameters.items()}


def test_what_a_function_builds_is_drawn(here: Path, drawn: list[Any]) -> None:
    (here / "own_drawn.py").write_text(
        "import dask\n"
        "def setup():\n    global count\n    count = 2\n"
        "def build(n: int = 3):\n    return [dask.delayed(pow)(i, count) for i in range(n)]\n"
        "def compute():\n    return dask.compute(*build())\n"
    )
    subject = Direct.find(f"{here / 'own_drawn.py'}:build")
    found = subject.draw({"n": 4}, 0, "graph.svg")
    assert found
    assert found.told == "graph of 4 tasks in graph.svg"
    assert len(drawn) == 4
    with pytest.raises(UsageError, match="--graph: 1,001 tasks are too many to read"):
        subject.draw({"n": 1001}, 0, "graph.svg")
    subject = Direct.find(f"{here / 'own_drawn.py'}:compute")
    with pytest.raises(UsageError, match="returned a tuple without any Dask collection"):
        subject.draw({}, 0, "graph.svg")


# What fails


@pytest.mark.parametrize("error", [RuntimeError, OSError, KeyboardInterrupt])
def test_a_drawing_that_fails_leaves_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def visualize(*collections: Any, filename: str, format: str) -> None:
        Path(f"{filename}.{format}").write_text("half a pic")
        raise error

    monkeypatch.setattr(dask, "visualize", visualize)
    monkeypatch.setattr("tempfile.tempdir", str(here))
    with pytest.raises(error):
        draw(Graph(chunks=1), Path("graph.svg"))
    assert names_in(here) == []
