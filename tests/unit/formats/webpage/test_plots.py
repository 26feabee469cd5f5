"""The data behind plots, and that each is drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bokeh.models import HoverTool

from daskbench.document import Chapter, Document, Records, Section
from daskbench.document.chart import Chart, Curve, Forest, Interval, Layer, Level, Mark, Point
from daskbench.events import Event
from daskbench.experiments.report import Report
from daskbench.formats.webpage import plots
from daskbench.formats.webpage.groups import groups_of
from daskbench.formats.webpage.plots import (
    accounts,
    canvas,
    curves,
    distributions,
    disturbance,
    over_time,
    overlays,
    ratios,
    speedup,
    sweeps,
    worker_memory,
)
from tests.unit.builders import (
    FIVE_S,
    make_accounted,
    make_case,
    make_invalid,
    make_lane,
    make_plan,
    make_report,
    make_sample,
    make_suite,
    timed,
)


def test_too_many_of_a_kind_are_left_out_and_that_is_told() -> None:
    forests = [Forest(f"t{n}", "x", 0.02, [Interval("a", 1.0, 0.9, 1.1)]) for n in range(30)]
    found = [*plots.of([document_of(Section("h", [], forests=forests))])]
    assert len(found) == plots.MOST_OF_A_KIND
    assert found[-1].note == "6 more plots of this kind not drawn."


def document_of(*sections: Section) -> Document:
    return Document([Chapter("", sections)], lambda: Records([], []), dict)


def drawn(document: Document) -> list[str]:
    """The titles of all plots of a document, each of which was drawn."""
    found = [*plots.of([document])]
    for plot in found:
        assert plot.summary
        assert plot.draw() is not None
    return [plot.title for plot in found]


def report_of(folder: Path, *more: Event) -> Report:
    numpy_s, threads_s = FIVE_S
    lanes = [make_lane(0), make_lane(1, workers=2)]
    return make_report(folder, [*lanes, *timed(0, numpy_s), *timed(1, threads_s), *more])


def test_every_file_of_a_plot_is_registered() -> None:
    folder = Path(plots.__file__).parent
    with_plots = {
        path.stem for path in folder.glob("*.py") if "\ndef plots(" in path.read_text("utf-8")
    }
    assert with_plots == {name.rpartition(".")[2] for name in plots.PLOTS}


def test_a_comparison_has_the_plots_of_its_samples(tmp_path: Path) -> None:
    titles = drawn(report_of(tmp_path).document)
    assert [title.partition(":")[0] for title in titles] == [
        "time / time of numpy",
        "Distributions",
        "Samples over time",
    ]


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    assert drawn(make_report(tmp_path, []).document) == []
    assert drawn(document_of()) == []


def test_ratios_are_those_of_the_table(tmp_path: Path) -> None:
    report = report_of(tmp_path)
    (chapter,) = report.document.chapters
    (forest,) = chapter.sections[0].forests
    base, threads = forest.rows
    assert (base.label, base.value, base.verdict) == ("numpy", 1.0, "")
    ratio = report.results[1].comparison.ratio
    assert ratio
    assert (threads.value, threads.low, threads.high) == (ratio.value, ratio.low, ratio.high)
    assert threads.verdict == "faster"
    assert forest.margin == 0.02


def test_a_forest_says_in_words_what_it_shows() -> None:
    rows = [Interval("a", 1.0, 1.0, 1.0), Interval("b", 2.0, 1.9, 2.1, "slower")]
    text = ratios.summary(Forest("t", "x", 0.02, rows))
    assert "intervals: 1 slower. The shaded band is equivalence, within 2 % of 1." in text
    assert "the largest 2.00 (b)" in text


def test_many_rows_are_cut_and_that_is_told() -> None:
    rows = [Interval(f"row {n}", 1.0, 0.9, 1.1, "undecided") for n in range(70)]
    (plot,) = ratios.plots([document_of(Section("h", [], forests=[Forest("t", "x", 0.02, rows)]))])
    assert plot.note == "Only the first 60 of 70 rows are drawn."
    assert plot.draw() is not None


def test_a_strip_has_every_sample_by_kind(tmp_path: Path) -> None:
    more = [make_sample(1, 0, 9.0, warmup=True), make_invalid(1, 6)]
    (group,) = groups_of([report_of(tmp_path, *more).document]).values()
    _, threads = (distributions.strip_of(one, 100) for one in group)
    counts = {kind: len(values) for kind, values in threads.seconds.items()}
    assert counts == {"counted": 5, "warm-up": 1, "invalid": 1}
    assert threads.drawn == threads.every == 7
    assert threads.quartiles == pytest.approx((0.05, 0.051, 0.052), abs=1e-3)


def test_a_strip_of_many_samples_keeps_its_quartiles(tmp_path: Path) -> None:
    seconds = np.random.default_rng(0).lognormal(size=20_000)
    events: list[Event] = [make_lane(0), *timed(0, seconds.tolist())]
    plan = make_plan(make_suite(make_case("numpy"), rounds=20_000))
    (plot,) = distributions.plots([make_report(tmp_path, events, plan).document])
    assert "12,000 of 20,000 samples are drawn" in plot.note
    (group,) = groups_of([make_report(tmp_path / "b", events, plan).document]).values()
    (strip,) = (distributions.strip_of(one, 100) for one in group)
    assert strip.quartiles == pytest.approx(tuple(np.percentile(seconds, (25, 50, 75))))


def test_a_trace_is_in_the_order_measured(tmp_path: Path) -> None:
    more = [make_sample(1, n, 0.05 * n, at_s=10.0 * n) for n in (6, 7, 8)]
    (group,) = groups_of([report_of(tmp_path, *more).document]).values()
    _, threads = over_time.traces_of(group, 100)
    assert [*threads.at_s[-3:]] == [60.0, 70.0, 80.0]
    assert "of threads × 2: by a factor of " in over_time.summary([threads])


def test_rows_of_a_single_sample_are_traced_beside_others(tmp_path: Path) -> None:
    events = [*timed(0, [0.1, 0.1, 0.1]), *timed(1, [0.2])]
    [plot] = over_time.plots([make_report(tmp_path / "a", events).document])
    assert plot.note == ""
    (group,) = groups_of([make_report(tmp_path / "b", events).document]).values()
    assert [one.every for one in over_time.traces_of(group, 100)] == [3, 1]
    alone = [*timed(0, [0.1]), *timed(1, [0.2])]
    assert not [*over_time.plots([make_report(tmp_path / "c", alone).document])]


def test_others_are_drawn_where_they_disturb(tmp_path: Path) -> None:
    quiet = report_of(tmp_path / "a").document
    assert not [*disturbance.plots([quiet])]
    busy = [
        make_sample(1, n, 0.05, at_s=float(n), watched_s=0.1, others_cpu_s=0.15) for n in (6, 7, 8)
    ]
    assert disturbance.others_of(report_of(tmp_path / "c", *busy[:2]).run) is None
    run = report_of(tmp_path / "b", *busy).run
    found = disturbance.others_of(run)
    assert found
    assert [*found.cores] == pytest.approx([1.5] * 3)
    assert "1.5 at most" in disturbance.summary(found)


def scaling_report(folder: Path) -> Report:
    cases = [make_case("numpy"), *(make_case(workers=n) for n in (1, 2, 4))]
    events: list[Event] = []
    for number, (case, wall_s) in enumerate(zip(cases, (1.0, 1.0, 0.5, 0.3), strict=True)):
        events.append(make_lane(number, workers=case.workers))
        events += timed(number, [wall_s * (1 + 0.001 * n) for n in range(6)])
    return make_report(folder, events, make_plan(make_suite(*cases)))


def test_speed_up_is_over_the_baseline(tmp_path: Path) -> None:
    document = scaling_report(tmp_path).document
    (group,) = groups_of([document]).values()
    (line,) = speedup.scalings(group)
    assert line.name == "threads"
    assert line.threads == (1, 2, 4)
    assert line.speedup == pytest.approx((1.0, 2.0, 3.33), rel=0.01)
    every = zip(line.low, line.speedup, line.high, strict=True)
    assert all(low <= value <= high for low, value, high in every)
    assert any(title.startswith("Speed-up over workers") for title in drawn(document))


def test_workers_of_several_sizes_are_several_curves(tmp_path: Path) -> None:
    """Two of two threads have as many as four of one: one curve would be a zigzag."""
    places = [(1, 1), (2, 1), (4, 1), (1, 2), (2, 2)]
    cases = [make_case("numpy"), *(make_case("distributed", n, each) for n, each in places)]
    events: list[Event] = []
    for n, case in enumerate(cases):
        lane = {"workers": case.workers, "threads_per_worker": case.threads_per_worker}
        events += [make_lane(n, **lane), *timed(n, FIVE_S[0])]
    document = make_report(tmp_path, events, make_plan(make_suite(*cases))).document
    (group,) = groups_of([document]).values()
    assert {line.name: line.threads for line in speedup.scalings(group)} == {
        "distributed, 1 thread each": (1, 2, 4),
        "distributed, 2 threads each": (2, 4),
    }


def test_a_huge_speed_up_does_not_flatten_others(tmp_path: Path) -> None:
    (group,) = groups_of([scaling_report(tmp_path).document]).values()
    (line,) = speedup.scalings(group)
    scales = [type(speedup._draw([one]).y_scale).__name__ for one in (line, FAST)]
    assert scales == ["LinearScale", "LogScale"]


FAST = speedup.Scaling("threads", (1, 2), (1.0, 1000.0), (1.0, 990.0), (1.0, 1010.0))


def test_a_tooltip_tells_figures_of_any_size() -> None:
    drawn = speedup._draw([FAST])
    [hover] = drawn.select({"type": HoverTool})
    assert hover.formatters == dict.fromkeys(("@speedup", "@low", "@high"), "printf")
    assert ("speed-up", "@speedup{%.4g} [@low{%.4g}, @high{%.4g}]") in hover.tooltips


def test_an_account_is_a_bar_whose_parts_add_up(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, [0.4, 0.41, 0.39])]
    events += [make_accounted(0, 0.4, 2, computing=0.2, starting=0.5) for _ in range(3)]
    case = make_case("processes", 2)
    document = make_report(tmp_path, events, make_plan(make_suite(case))).document
    [bar] = [bar for group in groups_of([document]).values() for bar in accounts.bars_of(group[0])]
    assert bar.parts == pytest.approx({"computing": 0.2, "starting": 0.5, "unexplained": 0.1})
    assert "processes × 2: starting 62%" in accounts.summary([bar])
    assert any(title.startswith("Where the time went") for title in drawn(document))


def test_a_sweep_is_a_curve_for_each_place(tmp_path: Path) -> None:
    cases = [make_case(s, n=n) for n in (1000, 10_000, 100_000) for s in ("numpy", "threads")]
    events: list[Event] = []
    for number, case in enumerate(cases):
        wall_s = float(case.parameters["n"]) * 1e-6 * (1 if case.scheduler == "numpy" else 2)
        events += [make_lane(number), *timed(number, [wall_s] * 3)]
    document = make_report(tmp_path, events, make_plan(make_suite(*cases))).document
    group = [one for group in groups_of([document]).values() for one in group]
    assert sweeps.swept(group) == ["n"]
    plain, threads = sweeps.sweeps(group, "n")
    assert plain.values == (1000.0, 10_000.0, 100_000.0)
    assert plain.median_s == pytest.approx((0.001, 0.01, 0.1))
    assert threads.median_s == pytest.approx((0.002, 0.02, 0.2))
    assert any(title.startswith("Time over n") for title in drawn(document))


def test_a_sweep_has_a_curve_for_each_word_beside_it(tmp_path: Path) -> None:
    """But not where a word only follows the number, as that of a size does."""
    words = [("wide", 10), ("wide", 100), ("tree", 10), ("tree", 100), ("chain", 20)]
    found = {}
    for sizes in (False, True):
        cases = [
            make_case("numpy", n=n, size=str(n)) if sizes else make_case("numpy", n=n, shape=word)
            for word, n in words[:: 4 if sizes else 1]
        ]
        events: list[Event] = []
        for n in range(len(cases)):
            events += [make_lane(n), *timed(n, FIVE_S[0])]
        plan = make_plan(make_suite(*cases))
        document = make_report(tmp_path, events, plan, run_id=f"run-{sizes}").document
        group = [one for group in groups_of([document]).values() for one in group]
        found[sizes] = {one.name: one.values for one in sweeps.sweeps(group, "n")}
    assert found == {
        False: {"numpy, shape=wide": (10.0, 100.0), "numpy, shape=tree": (10.0, 100.0)},
        True: {"numpy": (10.0, 20.0)},
    }


def test_a_curve_names_its_ends() -> None:
    points = [Point(1 << 28, 2.0, "spilled"), Point(1 << 30, 1.0, "no spill")]
    curve = Curve("price", "limit", "time", points, in_bytes=True, x_text=lambda x: f"{x:g} B")
    text = curves.summary(curve)
    assert text.startswith("time over limit, 2 points (spilled, no spill): from 2 at 2.68435e+08 B")
    assert drawn(document_of(Section("h", [], curves=[curve]))) == ["price"]


CHART = Chart(
    "worker 0",
    [0.0, 1.0, 2.0],
    2.0,
    [Layer("managed", [1, 2 << 30, 3]), Layer("unmanaged", [1, 1, 1])],
    levels=[Level("pause 80%", float(3 << 30))],
    apart=Layer("on disk", [0, 5, 5]),
    marks=[Mark(1.0, "paused"), Mark(2.0, "resumed")],
    limit=4 << 30,
)


def test_worker_memory_has_its_thresholds_and_events() -> None:
    assert "At most 2 GiB of a limit of 4 GiB. Events: paused, resumed." in (
        worker_memory.summary(CHART)
    )
    assert drawn(document_of(Section("memory", [], charts=[CHART]))) == ["memory: worker 0"]


def test_memory_of_several_runs_is_aligned(tmp_path: Path) -> None:
    documents = [
        replace(
            document_of(Section("memory", [], charts=[CHART])),
            run=make_report(tmp_path, [], run_id=f"20261123-10150{n}-run").run,
        )
        for n in range(2)
    ]
    (plot,) = overlays.plots(documents)
    assert plot.title == "Runs aligned: memory"
    assert "run 2, worker 0 2 GiB" in plot.summary
    assert plot.draw() is not None
    assert [*overlays.plots(documents[:1])] == []


def test_a_long_timeline_keeps_its_peak() -> None:
    values = np.random.default_rng(0).integers(0, 1000, 50_000)
    values[31_111] = 10_000
    layer = Layer("managed", values.tolist())
    chart = replace(CHART, at_s=[*map(float, range(50_000))], layers=[layer], apart=None)
    assert 31_111 in worker_memory.places_of(chart)
    assert len(worker_memory.places_of(chart)) <= 1500


def test_units_fit_what_is_told() -> None:
    assert canvas.seconds_unit(0.02) == (1e-3, "ms")
    assert canvas.seconds_unit(3.0) == (1.0, "s")
    assert canvas.bytes_unit(3 << 20) == (1 << 20, "MiB")
    assert canvas.is_wide([1.0, 100.0])
    assert not canvas.is_wide([1.0, 2.0])
    assert not canvas.is_wide([0.0, 100.0])
