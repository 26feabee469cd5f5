"""Write the JSON Schemas of benchmarks.toml, for editors, and of a journal's lines.

That of benchmarks.toml is made from the keys and parameters that read the file, which are no types:
what a key accepts is found by trying the one function that parses its value, so the schema and the
program cannot differ. That of journals is made from the types of events.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from daskbench.asking import subject
from daskbench.benchmarks import BENCHMARKS
from daskbench.config import KEYS, Key, option_name, parameter_key
from daskbench.errors import DaskbenchError
from daskbench.events import SCHEMA, Line
from daskbench.experiments import EXPERIMENTS, experiment
from daskbench.lane.deploy import KINDS
from daskbench.lane.schedulers import SCHEDULERS

REFERENCE = Path(__file__).parent / "reference"

#: Values of each type that some key reads.
TRIED: dict[str, tuple[object, ...]] = {
    "boolean": (True, False),
    "integer": (0, 2, 1000),
    "number": (0.05, 0.5, 1.5, 1e-9),
    "string": (
        *(
            "2",
            "1.5",
            "0.01",
            "5s",
            "1GiB",
            "50%",
            "on",
            "off",
            "native",
            "text",
            "1000x100",
            "a=b",
        ),
        *("FILE.py:NAME", "tcp://127.0.0.1:8786", "tcp"),
    ),
    "object": ({"a.key": "value"},),
}
#: These read the path of a file that has to be there.
PATHS = ("scheduler-file", "tls-ca", "tls-cert", "tls-key")
Schema = dict[str, Any]


def reads(read: Callable[[object], Any], value: object) -> bool:
    """Whether a key reads a value."""
    with suppress(DaskbenchError, TypeError, AttributeError):
        read(value)
        return True
    return False


def choices(read: Callable[[object], Any]) -> tuple[str, ...]:
    """Return the words among which a key chooses; none if it takes others, too."""
    inside = inspect.getclosurevars(read).nonlocals if inspect.isfunction(read) else {}
    if "known" in inside:
        return tuple(inside["known"])
    return choices(inside["read"]) if "read" in inside else ()


def of_key(name: str, key: Key, also: Iterable[str] = ()) -> Schema:
    """Return the schema of the values of a key."""
    words = tuple(dict.fromkeys((*choices(key.read), *also)))
    values = {**TRIED, "string": (*words, *TRIED["string"])}
    one = ["string"] if name in PATHS else _types(key.read, values)
    items = _types(lambda value: key.read([value]), values)
    schema = _type(one)
    if items:
        schema = {"anyOf": [schema, {"type": "array", "items": _type(items), "minItems": 1}]}
    examples = {"examples": list(words)} if words else {}
    return {"description": key.help, **schema, **examples}


def _types(read: Callable[[object], Any], values: Mapping[str, Iterable[object]]) -> list[str]:
    """Return the types of which some value is read."""
    return [kind for kind, some in values.items() if any(reads(read, one) for one in some)]


def _type(kinds: Iterable[str]) -> Schema:
    """Return the schema of these types; an integer is a number, too."""
    some = [kind for kind in kinds if kind != "integer" or "number" not in kinds]
    return {"type": some[0] if len(some) == 1 else some}


def keys() -> Mapping[str, Key]:
    """Return the keys of all experiments; `KEYS` first, as most have these."""
    found = dict(KEYS)
    for kind in EXPERIMENTS:
        for name, key in experiment(kind).keys.items():
            found.setdefault(name, key)
    return found


def parameters() -> dict[str, Schema]:
    """Return the schemas of the parameters of all benchmarks, several of which share a name."""
    found: dict[str, list[Schema]] = {}
    for benchmark in BENCHMARKS:
        for name, parameter in subject(benchmark).parameters.items():
            # Not the key's help, which ends with a default that may depend on the machine's memory.
            like = (*parameter.choices, str(parameter.default))
            one = of_key(name, parameter_key(parameter), like) | {"description": parameter.help}
            one.pop("examples")
            one |= {"examples": [*parameter.choices]} if parameter.choices else {}
            same = found.setdefault(option_name(name), [])
            if one not in same:
                same.append(one)
    return {name: some[0] if len(some) == 1 else {"anyOf": some} for name, some in found.items()}


def published() -> Schema:
    """Return the schema of published figures."""
    text = {"type": "string", "examples": ["352 ms"]}
    row = {
        "scheduler": {"enum": list(SCHEDULERS)},
        "workers": {"type": "integer", "minimum": 1},
        "mean": text,
        "std": text,
    }
    required = ["scheduler", "mean", "std"]
    item = _object(row, additional=False, required=required)
    return {"description": "Figures to show beside those measured.", "type": "array", "items": item}


def _object(properties: Schema, *, additional: bool, required: Iterable[str] = ()) -> Schema:
    more = {"required": list(required)} if required else {}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": additional,
        **more,
    }


def schema() -> Schema:
    """Return the schema of benchmarks.toml."""
    described = {name: of_key(name, key) for name, key in keys().items()}
    values = {**described, **parameters()}
    text = {"type": "string"}
    own = {
        "benchmark": {
            "description": "What to measure: a built-in benchmark, or FILE.py:NAME.",
            "type": "string",
            "examples": [*BENCHMARKS, "FILE.py:NAME"],
        },
        "description": text,
        "experiment": {"description": "The kind of experiment.", "enum": list(EXPERIMENTS)},
        "published": published(),
    }
    kind = {
        "description": "The kind of cluster, if that is not the name of its section.",
        "type": "string",
        "examples": [*KINDS, "package.module:Class", "FILE.py:NAME"],
    }
    group = {
        "suites": {"type": "array", "items": text, "minItems": 1},
        "description": text,
    }
    # A function of the user's has parameters that nobody knows before its file is imported.
    suite = _object({**own, **values}, additional=True) | {"anyOf": _required()}
    members = _object(group, additional=False, required=["suites"])
    suites = {"type": "object", "additionalProperties": {"anyOf": [members, suite]}}
    clusters = {"type": "object", "additionalProperties": _object({"kind": kind}, additional=True)}
    defaults = _object(values, additional=False)
    sections = {"clusters": clusters, "defaults": defaults, "suites": suites}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "benchmarks.toml of daskbench",
        **_object(sections, additional=False),
    }


def _required() -> list[Schema]:
    """Return what a suite needs: a benchmark, or an experiment that has one of its own."""
    alone = [kind for kind in EXPERIMENTS if experiment(kind).benchmark]
    named = {"properties": {"experiment": {"enum": alone}}, "required": ["experiment"]}
    return [{"required": ["benchmark"]}, named]


def journal() -> Schema:
    """Return the schema of a line of a journal."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    title = {"title": f"a line of a journal of daskbench, version {SCHEMA}"}
    return {**draft, **title, **msgspec.json.schema(Line)}


def files() -> dict[Path, str]:
    """Return the text of each file."""
    made = {"benchmarks.schema.json": schema(), "journal.schema.json": journal()}
    return {
        REFERENCE / name: json.dumps(one, indent=1, ensure_ascii=False) + "\n"
        for name, one in made.items()
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
