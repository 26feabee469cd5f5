"""The cluster that `distributed` runs on: one that is there, or one that lanes start."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from daskbench import trust, vault
from daskbench.benchmarks.targets import target_of
from daskbench.config import comms
from daskbench.config.arguments import read_options
from daskbench.config.keys import THRESHOLDS
from daskbench.config.reading import as_table, read_sections, read_text
from daskbench.config.targets import whole_target
from daskbench.errors import UsageError, nearest
from daskbench.keywords import Options, merged
from daskbench.lane.deploy import KINDS, is_queue, kind_of
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Plan, Settings, Suite
from daskbench.secrecy import keyed
from daskbench.stats.tables import lanes_of, takes_cluster

#: Where clusters are defined if no other file is named.
FILE = "benchmarks.toml"
_THERE = ("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key")


class Definition(NamedTuple):
    """A kind of cluster with its options, as a section ``[clusters.NAME]`` defines it."""

    kind: str
    options: Options
    section: str = ""


def definitions(path: Path, tables: Mapping[str, Any]) -> dict[str, Definition]:
    """Return the clusters of a file; code that they name is relative to it. Raises UsageError."""
    return {name: _definition(path, name, table) for name, table in tables.items()}


def _definition(path: Path, name: str, table: object) -> Definition:
    where = f"{path}: [clusters.{name}]"
    if not isinstance(table, dict):
        raise UsageError(f"{where} is not a table")
    try:
        kind = whole_target(_kind_in(name, table), path.parent)
        options = read_options({k: v for k, v in table.items() if k != "kind"})
        return Definition(kind, options, f"[clusters.{name}] of {path}")
    except UsageError as error:
        raise UsageError(f"{where} {error}") from error


def _kind_in(name: str, table: Mapping[str, Any]) -> str:
    """Return the kind that a section says, or that is its name. Raises UsageError."""
    kind = str(table.get("kind", name))
    if kind in KINDS or target_of(kind):
        return kind
    if "kind" in table:
        raise UsageError(f"no kind '{kind}': {nearest(kind, KINDS)}")
    raise UsageError(f"lacks its kind: add kind = NAME; {nearest('', KINDS)}")


def defined(
    name: str, known: Mapping[str, Definition] | None = None, folder: Path | None = None
) -> Definition:
    """Return the cluster of a name: of `known` ones, or else of ``./benchmarks.toml``, or a kind.

    Code that it names is in `folder`, or else in the working folder. Raises UsageError.
    """
    known = _of_working_folder() if known is None else known
    if name in known:
        return known[name]
    if name in KINDS or target_of(name):
        return Definition(whole_target(name, folder or Path()), {})
    hint = nearest(name, dict.fromkeys((*known, *KINDS)))
    raise UsageError(
        f"no cluster '{name}' (your own is package.module:Class or FILE.py:NAME): {hint}"
    )


def _of_working_folder() -> dict[str, Definition]:
    path = Path(FILE)
    if not path.is_file():
        return {}
    tables = read_sections(path, read_text(path)).get("clusters", {})
    return definitions(path, as_table(path, "clusters", tables))


def overridden(
    values: Mapping[str, Any], overrides: Mapping[str, Any], known: Mapping[str, Definition]
) -> dict[str, Any]:
    """Return values of a file with those of the command line in their place.

    Options of a cluster are added to those of the file, unless another cluster is named.
    """
    both = {**values, **overrides}
    if "cluster" in overrides:
        both["cluster"] = defined(str(overrides["cluster"]), known)
        both["cluster-option"] = overrides.get("cluster-option", {})
    elif "cluster-option" in overrides:
        both["cluster-option"] = merged(
            *map(_as_one, (values.get("cluster-option", {}), overrides["cluster-option"]))
        )
    return both


def _as_one(options: Options | tuple[Options, ...]) -> Options:
    return merged(*options) if isinstance(options, tuple) else options


def cluster_of(values: Mapping[str, Any]) -> Cluster:
    """Return the cluster of these values; raises UsageError if they contradict each other."""
    cluster = _cluster_of(values)
    if "queue-timeout" in values and not is_queue(cluster.kind):
        raise UsageError(
            "--queue-timeout applies to clusters of jobs; add --cluster slurm, or another of these"
        )
    return cluster


def _cluster_of(values: Mapping[str, Any]) -> Cluster:
    comms_given = next((key for key in comms.KEYS if key in values), None)
    if "cluster" not in values:
        if "cluster-option" in values:
            raise UsageError("--cluster-option needs --cluster NAME; add that")
        if not comms_given or {"address", "scheduler-file"} & values.keys():
            return _existing(values, comms_given)
        values = {**values, "cluster": "local"}
    if given := next((key for key in _THERE if key in values), None):
        raise UsageError(
            f"--cluster starts a cluster, but --{given} is for an existing one; give only one"
        )
    named = values["cluster"]
    found = named if isinstance(named, Definition) else defined(str(named))
    own = comms.options_of(found.kind, values)
    options = merged(found.options, own, _as_one(values.get("cluster-option", {})))
    _check(found.kind, options, found.section)
    if found.kind == "local" and not options:
        return Cluster()
    return Cluster(kind=found.kind, options=_hidden(_with_lists(options)), section=found.section)


def options_of_side(cluster: Cluster, option: str, words: object) -> Options:
    """Return what `words` say of the cluster of one side, in addition to its other options.

    Raises UsageError, which names the `option`, if it can't be started so.
    """
    kind = cluster.kind or "local"
    try:
        options = _with_lists(dict(comms.placed(kind, read_options(words))))
        _check(kind, merged(cluster.options, options))
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from error
    return _hidden(options)


def _existing(values: Mapping[str, Any], comms_given: str | None) -> Cluster:
    if comms_given:
        raise UsageError(
            f"--{comms_given} applies to clusters that daskbench starts; an existing one has its "
            "own"
        )
    cluster = Cluster(**{key.replace("-", "_"): values[key] for key in _THERE if key in values})
    if cluster.address and cluster.scheduler_file:
        raise UsageError(
            "--address and --scheduler-file both name a cluster; give only one of them"
        )
    if not cluster.name and (cluster.tls_ca or cluster.tls_cert or cluster.tls_key):
        raise UsageError("--tls-ca, --tls-cert and --tls-key need --address or --scheduler-file")
    if cluster.name and "memory-limit" in values:
        raise UsageError(
            f"--memory-limit applies to workers that daskbench starts; set that of {cluster.name} "
            "with 'dask worker --memory-limit'"
        )
    if cluster.name and (given := next((key for key in THRESHOLDS if key in values), None)):
        raise UsageError(
            f"--{given} applies to workers that daskbench starts; set that of {cluster.name} in "
            "Dask's configuration there"
        )
    return cluster


def _check(name: str, options: Options, section: str = "") -> None:
    """Raise UsageError if a kind of cluster can't be started here with these options."""
    kind, target, called = kind_of(name), target_of(name), named(name, section)
    if target and target.is_script:
        raise UsageError(f"{called} lacks the function or class: write FILE.py:NAME")
    if target and target.file and not target.file.is_file():
        raise UsageError(f"{called}: there is no file {target.file}")
    if kind.package and find_spec(kind.package) is None:
        raise UsageError(
            f"{called} needs {kind.package.replace('_', '-')}: "
            f"pip install 'daskbench[{kind.extra}]'"
        )
    if kind.program and shutil.which(kind.program) is None:
        raise UsageError(
            f"{called}: there is no command '{kind.program}' here; start daskbench where "
            "jobs are submitted"
        )
    if missing := next((key for key in kind.required if not options.get(key)), None):
        raise UsageError(
            f"{called} needs {missing}: --cluster-option {missing}=A,B, or the same in "
            f"{section or f'[clusters.{name}] of {FILE}'}"
        )
    if name in KINDS:
        comms.check(name, options)
    for key in kind.ours.keys() & options.keys():
        instead = f"use {kind.ours[key]}" if kind.ours[key] else "daskbench sets it"
        raise UsageError(f"{called}: {key} is no option: {instead}")


def named(kind: str, section: str) -> str:
    """Return how a message names a cluster of a kind, with the section that defines it."""
    return " ".join(filter(None, ("--cluster", kind, f"({section})" if section else "")))


def _with_lists(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with a list of hosts, which may be written as ``a,b``."""
    hosts = options.get("hosts")
    if not isinstance(hosts, str):
        return options
    return {**options, "hosts": [host.strip() for host in hosts.split(",") if host.strip()]}


def _hidden(options: Options) -> dict[str, Any]:
    """Return the options in a form that may be shown and written."""
    digest = keyed(trust.digest_key())
    return {key: vault.hide_within(key, value, digest) for key, value in options.items()}


def in_turns(cluster: Cluster, cases: Sequence[Case], settings: Settings) -> str | None:
    """Return why only one lane is open at a time, if two clusters would be in each other's way.

    Raises UsageError if one is to be held that does not suit all cases.
    """
    if settings.hold:
        _check_held(cluster, cases, settings)
    if not (cluster.kind and cluster.name) or kind_of(cluster.kind).by_ranks or settings.hold:
        return None
    if sum(SCHEDULERS[case.scheduler].takes_cluster and not case.skip for case in cases) < 2:
        return None
    what = cluster.kind.rpartition("/")[2]
    return f"lanes run one at a time, so that only one cluster ({what}) is there at a time"


def _check_held(cluster: Cluster, cases: Sequence[Case], settings: Settings) -> None:
    """Raise UsageError unless one cluster does for all cases that are to share it."""
    if not (cluster.kind and cluster.name):
        raise UsageError(
            "--hold keeps a cluster that daskbench starts; add one, e.g. --cluster slurm"
        )
    if settings.memory:
        raise UsageError("--memory reads the workers of one row only; leave out --hold")
    suite = Suite("", tuple(cases), settings)
    if len(lanes_of(suite, [case for case in cases if takes_cluster(case)])) > 1:
        raise UsageError(
            "--hold keeps one cluster, whose workers are alike: choose one of each of "
            "--threads-per-worker and --memory-limit, and no two sides"
        )


def check_known(plan: Plan) -> None:
    """Raise UsageError if an option of a cluster is a secret that only its owner knows."""
    for suite in plan.suites:
        options = (suite.cluster.options, *(side.cluster for side in suite.sides))
        if name := vault.unknown_within(options):
            raise UsageError(
                f"the cluster's option {name} is unknown: the journal holds only its digest; "
                "start a new run"
            )
