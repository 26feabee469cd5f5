"""What files and options may hold, and the file that ships."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.base import Parameter
from daskbench.config import FILE, KEYS, SuiteFile, parameter_key
from daskbench.errors import UsageError
from daskbench.experiments import experiment
from daskbench.lane.schedulers import USUAL
from tests.unit.builders import here
from tests.unit.config.reading_config import file_of, message_of, suite_of

BENCHMARK = {"benchmark": "calc_mean"}
SUITES = """
    [suites.a]
    benchmark = "calc_mean"
    [suites.b]
    benchmark = "calc_mean"
    [suites.both]
    suites = ["b", "a"]
    [suites.all]
    suites = ["both", "a"]
    """


@pytest.mark.parametrize(
    ("names", "expanded"),
    [
        ([], ["a", "b"]),
        (["a"], ["a"]),
        (["both"], ["b", "a"]),
        (["all"], ["b", "a"]),
        (["a", "both"], ["a", "b"]),
        (["b", "b"], ["b"]),
    ],
)
def test_groups_stand_for_their_members_once(names: list[str], expanded: list[str]) -> None:
    assert file_of(SUITES).expand(names) == expanded


def test_an_unknown_suite_is_named_with_file_and_the_nearest() -> None:
    with pytest.raises(UsageError) as error:
        file_of(SUITES).expand(["bot"])
    assert str(error.value) == "benchmarks.toml: no suite 'bot': did you mean 'both'?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rounds = ", "benchmarks.toml: not TOML: "),
        ("[suite.s]", "benchmarks.toml: no section [suite]: did you mean 'suites'?"),
        ("defaults = 5", "benchmarks.toml: [defaults] is not a table"),
        ("suites = 5", "benchmarks.toml: [suites] is not a table"),
        ("suites.s = 5", "benchmarks.toml: [suites.s] is not a table"),
        (
            "[defaults]\nround = 5",
            "benchmarks.toml: [defaults] has an unknown key 'round': did you mean 'rounds'?",
        ),
        (
            "[defaults]\nmin_time = 5",
            "benchmarks.toml: [defaults] has an unknown key 'min_time': did you mean 'min-time'?",
        ),
        ("[defaults]\nrounds = 0", "benchmarks.toml: [defaults] rounds: '0' is not a whole number"),
        ("[suites.s]", "benchmarks.toml: [suites.s] lacks the key 'benchmark'"),
        (
            '[suites.s]\nbenchmark = "calc_mea"',
            "benchmarks.toml: [suites.s] benchmark: no benchmark 'calc_mea': did you mean",
        ),
        ("[suites.s]\nbenchmark = 5", "benchmarks.toml: [suites.s] benchmark: "),
        ('[suites.s]\nbenchmark = ["calc_mean"]', "benchmarks.toml: [suites.s] benchmark: "),
        (
            '[suites.s]\nbenchmark = "calc_mean"\nworker = 1',
            "benchmarks.toml: [suites.s] has an unknown key 'worker': did you mean 'workers'?",
        ),
        (
            '[suites.s]\nbenchmark = "calc_mean"\nschedulers = ["dask"]',
            "benchmarks.toml: [suites.s] schedulers: no 'dask': choose from numpy",
        ),
        (
            '[suites.s]\nbenchmark = "calc_mean"\nn = []',
            "benchmarks.toml: [suites.s] n: ",
        ),
        ('[suites.s]\nsuites = ["t"]', "benchmarks.toml: [suites.s] suites: no suite 't'"),
        ('[suites.s]\nsuites = ["s"]', "benchmarks.toml: [suites.s] suites: "),
        (
            '[suites.s]\nsuites = ["t"]\n[suites.t]\nsuites = ["s"]',
            "benchmarks.toml: [suites.s] suites: ",
        ),
        ("[suites.s]\nsuites = 5", "benchmarks.toml: [suites.s] suites: "),
        ("[suites.s]\nsuites = [5]", "benchmarks.toml: [suites.s] suites: "),
        ("[suites.s]\nsuites = []", "benchmarks.toml: [suites.s] suites: "),
        (
            SUITES + 'bogus = "x"',
            "benchmarks.toml: [suites.all] has an unknown key 'bogus'",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(text: str, message: str) -> None:
    assert message_of(text).startswith(message)


@pytest.mark.parametrize(
    ("published", "message"),
    [
        ("5", "published: "),
        ('["numpy"]', "published: "),
        ('[{scheduler = "numpy", mean = "1s"}]', "published: a row lacks 'std'"),
        ('[{mean = "1s", std = "1s"}]', "published: a row lacks 'scheduler'"),
        ('[{scheduler = "nump", mean = "1s", std = "1s"}]', "published: no 'nump': did you mean"),
        ('[{scheduler = "numpy", mean = "x", std = "1s"}]', "published: 'x' is not a duration"),
        ('[{scheduler = "numpy", mean = 1, std = {}}]', "published: "),
        ('[{scheduler = "threads", workers = "two", mean = "1s", std = "1s"}]', "published: "),
        ('[{scheduler = "numpy", mean = "1s", std = "1s", stdev = "1s"}]', "published: "),
    ],
)
def test_what_is_wrong_with_published_figures_is_named(published: str, message: str) -> None:
    text = f'[suites.s]\nbenchmark = "calc_mean"\npublished = {published}'
    assert message_of(text).startswith(f"benchmarks.toml: [suites.s] {message}")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none\.toml"):
        SuiteFile.load(tmp_path / "none.toml", experiment)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"cannot read .*bytes\.toml"):
        SuiteFile.load(tmp_path / "bytes.toml", experiment)


def toml_of(value: object) -> str:
    """Write a value as TOML, in one line."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            pairs = (f"{toml_of(key)} = {toml_of(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(toml_of, value))}]"
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case _:
            return repr(value)


LEAVES = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(["calc_mean", "numpy", "threads", "s", "1,2", "2m", "tcp://a:1"])
)
NAMES = st.sampled_from(
    [*KEYS, "benchmark", "suites", "published", "description", "n", "scheduler", "mean", "std"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.dictionaries(NAMES, VALUES, max_size=3))
def test_any_table_is_a_suite_or_a_usage_error(
    table: dict[str, object], defaults: dict[str, object]
) -> None:
    text = f"defaults = {toml_of(defaults)}\nsuites.s = {toml_of(BENCHMARK | table)}"
    _make_all(lambda: file_of(text))


PARAMETERS_OF_SVD = st.sampled_from(
    ["shape", "chunks", "k", "power-iterations", "oversamples", "condition", "method", "compute"]
)
SIZES = st.sampled_from(["10x5", "1e3x10", "5x5x5", "auto", "gram", "usv", "1e6", "0", "9"])


@pytest.mark.parametrize("benchmark", ["svd", "svd_compressed"])
@given(table=st.dictionaries(PARAMETERS_OF_SVD, SIZES | st.lists(SIZES, max_size=2) | LEAVES))
def test_any_table_of_a_decomposition_is_a_suite_or_a_usage_error(
    benchmark: str, table: dict[str, object]
) -> None:
    text = f"suites.s = {toml_of({'benchmark': benchmark} | table)}"
    _make_all(lambda: file_of(text))


@given(st.dictionaries(st.sampled_from(["suites", "defaults"]) | NAMES, VALUES, max_size=3))
def test_any_file_is_read_or_a_usage_error(content: dict[str, object]) -> None:
    text = "\n".join(f"{toml_of(key)} = {toml_of(value)}" for key, value in content.items())
    _make_all(lambda: file_of(text))


def _make_all(load: Callable[[], SuiteFile]) -> None:
    try:
        file = load()
        for name in file.expand([]):
            suite = file.make(name, {}, here(4))
            assert suite.cases
    except UsageError:
        return


def shipped() -> SuiteFile:
    return file_of((files("daskbench") / FILE).read_text(encoding="utf-8"))


def test_the_shipped_file_is_valid_and_quick_is_in_it() -> None:
    assert {"quick", "lesson", "lesson-schedulers"} <= set(shipped().suites)
    assert shipped().expand(["lesson"])[0] == "lesson-schedulers"


def test_the_lessons_suite_is_the_lessons_work() -> None:
    suite = shipped().make("lesson-schedulers", {}, here(4))
    assert all(
        case.parameters == {"n": 100_000, "tasks": 100, "rng": "legacy"} for case in suite.cases
    )
    assert {case.scheduler for case in suite.cases} == set(USUAL)
    assert {case.workers for case in suite.cases} == {None, 1, 2, 4}
    assert (suite.settings.rounds, suite.settings.warmup) == (7, 1)
    assert {case.threads_per_worker for case in suite.cases if case.scheduler == "distributed"} == {
        1
    }


def test_the_lessons_published_figures_are_those_of_its_page() -> None:
    milliseconds = {
        ("numpy", None): (352, 0.925),
        ("threads", 1): (395, 18.5),
        ("threads", 2): (1280, 1.46),
        ("threads", 4): (1280, 3.84),
        ("processes", 1): (990, 39.9),
        ("processes", 2): (881, 17.9),
        ("processes", 4): (836, 10.9),
        ("distributed", 1): (619, 253),
        ("distributed", 2): (357, 131),
        ("distributed", 4): (265, 53.2),
    }
    published = shipped().make("lesson-schedulers", {}, here(4)).published
    found = {(p.scheduler, p.workers): (p.mean_s * 1e3, p.std_s * 1e3) for p in published}
    assert found.keys() == milliseconds.keys()
    for place, figures in milliseconds.items():
        assert found[place] == pytest.approx(figures)


def test_every_published_figure_has_its_row() -> None:
    suite = shipped().make("lesson-schedulers", {}, here(4))
    rows = {(case.scheduler, case.workers) for case in suite.cases}
    assert {(p.scheduler, p.workers) for p in suite.published} <= rows


def test_every_key_has_help_and_a_metavar() -> None:
    assert all(key.help.strip() for key in KEYS.values())
    assert {name for name, key in KEYS.items() if not key.metavar.strip()} == {
        "memory",
        "why",
        "hold",
    }
    assert KEYS["memory"].flag


def test_a_parameter_with_the_name_of_something_else_is_told(tmp_path: Path) -> None:
    names = [
        *("rounds", "samples", "ratio", "scheduler", "hardware", "flops", "suite", "help"),
        "dgemm_share",
    ]
    own = tmp_path / "own.py"
    own.write_text(  # one file, so that one process is asked
        "".join(
            f"class Own{number}:\n    parameters = {{'{name}': 1}}\n"
            "    def __init__(self, **given): ...\n"
            "    def calls(self): ...\n    def check(self, answer): ...\n"
            for number, name in enumerate(names)
        )
    )
    for number, name in enumerate(names):
        suites = SuiteFile(
            Path("benchmarks.toml"), f'[suites.s]\nbenchmark = "{own}:Own{number}"\n', experiment
        )
        with pytest.raises(UsageError, match=f"rename its parameter '{name}'"):
            suites.make("s", {}, here(4))


def test_parameters_are_read_as_their_defaults_are() -> None:
    assert parameter_key(Parameter(0.5, "help")).read("0.25,1e-3") == (0.25, 0.001)
    assert parameter_key(Parameter("a", "help")).read(["x", "y"]) == ("x", "y")
    with pytest.raises(UsageError, match="is not a number"):
        parameter_key(Parameter(0.5, "help")).read("nan")


def test_a_users_own_benchmark_is_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text(
        "from daskbench.benchmarks.base import Parameter\n"
        "class Own:\n    parameters = {'size': Parameter(1, 'help')}\n"
        "    def __init__(self, size, seed): pass\n"
        "    def calls(self): ...\n    def check(self, answer): ...\n"
    )
    path = tmp_path / "benchmarks.toml"
    path.write_text('[suites.s]\nbenchmark = "beside.py:Own"\n')
    case = SuiteFile.load(path, experiment).make("s", {}, here(4)).cases[0]
    assert case.benchmark == f"{tmp_path / 'beside.py'}:Own"
    assert case.what == "beside.py:Own size=1"


def test_absurdly_many_workers_are_told() -> None:
    with pytest.raises(UsageError, match="1000000 workers are too many for 4 cores"):
        suite_of(workers="1e6")


def test_a_suite_cannot_be_named_like_a_folder() -> None:
    assert "'a/b': use only letters" in message_of('[suites."a/b"]\nbenchmark = "calc_mean"\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ('{"addr', "has no address"),
        ("{}", "has no address"),
        ("[]", "has no address"),
        ('{"address": 3}', "has no address"),
        ('{"address": "here"}', "has no address"),
        ("\x00" * 9, "has no address"),
    ],
)
def test_a_scheduler_file_holds_an_address(tmp_path: Path, text: str, told: str) -> None:
    (file := tmp_path / "s.json").write_text(text)
    with pytest.raises(UsageError, match=told):
        KEYS["scheduler-file"].read(str(file))
    file.write_text('{"address": "tcp://127.0.0.1:8786"}')
    assert KEYS["scheduler-file"].read(str(file)) == str(file)
