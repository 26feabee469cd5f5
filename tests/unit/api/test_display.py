"""Progress in a notebook, without one."""

import dask
import pytest

from daskbench.api.display import Notebook, Page, through_proxy
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.fakes import Clock


def test_one_output_is_updated_and_lines_stay() -> None:
    shown: list[str] = []
    progress = Notebook(make_plan(make_suite(make_case("threads", 2))), shown.append)
    with progress:
        progress.say("build takes <data> along")
        progress.tell_link("dashboard of threads", "http://127.0.0.1:8787/status")
        progress.tick()
    assert 'href="http://127.0.0.1:8787/status"' in shown[-2]
    assert shown[-1] == "<div>build takes &lt;data&gt; along</div>"


def test_a_browser_is_not_flooded() -> None:
    shown: list[str] = []
    clock = Clock()
    page = Page(shown.append, clock)
    for number in range(100):
        clock.now += 0.01
        page.update(f"[{number}]")
    assert len(shown) == 2
    clock.now += 1
    page.update("<end>")
    assert shown[-1] == "<pre>&lt;end&gt;\n</pre>"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{scheme}://{host}:{port}/status", "http://127.0.0.1:8787/status"),
        ("/user/me/proxy/{port}/status", "/user/me/proxy/8787/status"),
    ],
)
def test_a_dashboard_is_reached_as_the_session_says(template: str, expected: str) -> None:
    with dask.config.set({"distributed.dashboard.link": template}):
        assert through_proxy("http://127.0.0.1:8787/status") == expected
        assert through_proxy("/proxy/8787/status") == "/proxy/8787/status"
