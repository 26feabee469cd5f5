"""Files of suites as editors, shells and mishaps leave them: read, or refused in one line."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from daskbench.config import SuiteFile
from daskbench.errors import UsageError
from daskbench.experiments import experiment
from tests.unit.builders import here

ONE = '[suites.a]\nbenchmark = "calc_mean"\nn = 100\ntasks = 2\n'


def chain(length: int, last: str) -> str:
    links = "".join(f'[suites.s{n}]\nsuites = ["s{n + 1}"]\n' for n in range(length))
    return links + last.replace("suites.a", f"suites.s{length}")


def write(folder: Path, content: bytes) -> Path:
    path = folder / "own.toml"
    path.write_bytes(content)
    return path


def refused(path: Path) -> str:
    """The message of the error, which is one line that names the file."""
    with pytest.raises(UsageError) as error:
        SuiteFile.load(path, experiment)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    found = SuiteFile.load(write(tmp_path, b"\xef\xbb\xbf" + ONE.encode()), experiment)
    assert found.expand([]) == ["a"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    refused(write(tmp_path, f"# é\n{ONE}".encode(encoding)))


def test_a_default_is_read_as_each_benchmark_declares_it(tmp_path: Path) -> None:
    (tmp_path / "own_types.py").write_text("def build(n: str = 'few', shape: int = 3):\n    pass\n")
    suites = f'{ONE}[suites.b]\nbenchmark = "own_types.py:build"\nschedulers = ["threads"]\n'
    defaults = "[defaults]\nn = 1000\nworkers = 1\n"
    found = SuiteFile.load(write(tmp_path, f"{defaults}{suites}".encode()), experiment)
    assert [case.parameters for case in found.make("b", {}, here(1)).cases] == [
        {"n": "1000", "shape": 3}
    ]
    wrong = write(tmp_path, f'{defaults}shape = "10x10"\n{suites}'.encode())
    with pytest.raises(UsageError, match=r"\[defaults\] for \[suites.b\] shape: '10x10' is not"):
        SuiteFile.load(wrong, experiment).make("b", {}, here(1))


def test_a_chain_of_suites_has_no_longest(tmp_path: Path) -> None:
    found = SuiteFile.load(write(tmp_path, chain(3000, ONE).encode()), experiment)
    assert found.expand(["s0"]) == ["s3000"]


def test_a_circle_through_many_is_found(tmp_path: Path) -> None:
    text = chain(3000, '[suites.a]\nsuites = ["s0"]\n')
    assert "'s0' contains itself: s0 -> s1 -> " in refused(write(tmp_path, text.encode()))


def test_suites_that_stand_for_others_twice_do_not_double(tmp_path: Path) -> None:
    """Forty such links have a billion ways through them."""
    links = "".join(f'[suites.s{n}]\nsuites = ["s{n + 1}", "s{n + 1}"]\n' for n in range(40))
    text = links + ONE.replace("suites.a", "suites.s40")
    assert SuiteFile.load(write(tmp_path, text.encode()), experiment).expand(["s0"]) == ["s40"]


def test_members_stay_in_the_order_in_which_they_were_named(tmp_path: Path) -> None:
    suites = "".join(ONE.replace("suites.a", f"suites.{name}") for name in "abcd")
    text = f'{suites}[suites.cb]\nsuites = ["c", "b"]\n[suites.all]\nsuites = ["d", "cb", "a", "b"]'
    assert SuiteFile.load(write(tmp_path, text.encode()), experiment).expand(["all"]) == [
        "d",
        "c",
        "b",
        "a",
    ]


@pytest.mark.parametrize(
    "value",
    ["n = " + "[" * 5000 + "]" * 5000, "n = " + "[" * 300 + "]" * 300, f"n{'.a' * 5000} = 1"],
)
def test_values_below_values_without_an_end_are_refused(tmp_path: Path, value: str) -> None:
    text = f'[suites.a]\nbenchmark = "calc_mean"\n{value}\n'
    assert "nested too deeply" in refused(write(tmp_path, text.encode()))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert "not a regular file" in refused(tmp_path / "pipe.toml")
    assert "a folder" in refused(tmp_path)
    assert "not a regular file" in refused(Path("/dev/zero"))
    assert "No such file" in refused(tmp_path / "none.toml")
    refused(tmp_path / "nul\0.toml")
    refused(tmp_path / ("n" * 5000))


def test_a_file_that_nobody_wrote_by_hand_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(8 << 30)
    assert "larger than 1 MiB" in refused(path)


def test_what_a_shell_hands_over_as_a_pipe_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, ONE.encode())
    os.close(writer)
    try:
        assert SuiteFile.load(Path(f"/dev/fd/{reader}"), experiment).expand([]) == ["a"]
    finally:
        os.close(reader)


def test_a_name_that_no_file_could_bear_is_refused(tmp_path: Path) -> None:
    text = ONE.replace("suites.a", f"suites.{'n' * 101}")
    assert "at most 100" in refused(write(tmp_path, text.encode()))


def test_a_dangling_benchmarks_toml_is_not_passed_over(runner: CliRunner, here: Path) -> None:
    (here / "benchmarks.toml").symlink_to("nowhere")
    result = runner.invoke(main, ["run", "--dry-run"])
    assert result.exit_code == 2
    assert "cannot read benchmarks.toml" in result.stderr
