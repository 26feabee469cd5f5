"""A report of which every text field is hostile."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from daskbench.events import Blas, CaseFailed, Event
from daskbench.experiments.report import Report, build
from daskbench.model import Cluster, Plan
from tests.unit.builders import (
    NUMPY_S,
    make_case,
    make_event,
    make_lane,
    make_reading,
    make_run,
    make_suite,
    timed,
)

HOSTILE = (
    "=1+1 [/x] \x1b[31m \x1b]8;;x\x07 \x9b1m \u202e\u200b \x7f\x85\r\n"
    "<script>x</script> ![i](http://e) [l](http://e) @all #1 | `c` *e* _e_ " + "n" * 400
)
#: What the tool itself looks up, so that other text there is another program's journal.
_KEYS = {
    "kind",
    "benchmark",
    "scheduler",
    "what",
    "reason",
    "state",
    "phase",
    "tag",
    "run_id",
    "started",
}


def hostile(value: Any) -> Any:
    """Return a copy in which every text of a struct, however deep, is hostile."""
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {n: v if n in _KEYS else hostile(v) for n, v in fields.items()}
        for name, kind in type(value).__annotations__.items():
            if changed[name] is None and "str" in str(kind) and name != "skip":
                changed[name] = HOSTILE
        return type(value)(**changed)
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(map(hostile, value))
    if isinstance(value, Mapping):
        return {f"{HOSTILE}{key}": hostile(one) for key, one in value.items()}
    return value


def hostile_report(folder: Path) -> Report:
    """Return a report in which every text is hostile."""
    cases = (make_case("numpy", text="t"), make_case(workers=2, text="t"), make_case(text="t"))
    suite = hostile(make_suite(*cases, name="s"))
    suite = msgspec.structs.replace(suite, cluster=Cluster(), description=HOSTILE)
    lane = make_lane(0, versions={"dask": "1"}, notes=("n",), blas=(Blas("api", 1, "v"),))
    events: list[Event] = [
        *(hostile(msgspec.structs.replace(lane, case=n, workers=2)) for n in (0, 1)),
        *(
            hostile(one)
            for n in (0, 1)
            for one in timed(n, NUMPY_S, figures={"error": 1.0}, note="n")
        ),
        hostile(make_reading()),
        hostile(make_event("paused")),
        CaseFailed(2, HOSTILE, HOSTILE, HOSTILE),
    ]
    run = make_run(folder, events, Plan((suite,)), host=HOSTILE, cpu=HOSTILE, python=HOSTILE)
    return build(run)
