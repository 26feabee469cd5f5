"""The identity of a process: Dask's configuration, interpreter settings, environment variables.

It shows whether runs are comparable. Secrets are replaced by digests before they are sent.
"""

import gc
import json
import os
import re
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from copy import copy
from typing import Any

from daskbench.lane.probes.configuration import configuration
from daskbench.lane.probes.sources import sources
from daskbench.lane.protocol import Identity, Message
from daskbench.secrecy import Digest, concealed, keyed, plainly

_VARIABLES = re.compile(
    r"PYTHON|LD_|DYLD_|MALLOC_|_RJEM_|MIMALLOC_|TCMALLOC_|GLIBC_TUNABLES|KMP_|GOMP_|OMP_|MKL_"
    r"|OPENBLAS_|GOTO_|BLIS_|VECLIB_|NUMEXPR_|NUMBA_|NPY_|NUMPY_|TBB_|ARROW_|POLARS_|COVERAGE_"
    r"|CUDA_VISIBLE|.*_(?:NUM|MAXIMUM|MAX)_THREADS"
)
#: Variables that affect neither speed nor results.
_HARMLESS = {
    "PYTHONUNBUFFERED",
    "PYTHONIOENCODING",
    "PYTHONSTARTUP",
    "PYTHON_COLORS",
    "PYTHON_HISTORY",
    "PYTHONBREAKPOINT",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
}
#: Non-zero flags of a lane by default.
_USUAL = {"hash_randomization": 1, "safe_path": True, "int_max_str_digits": 4300, "gil": 1}
_HARMLESS_FLAGS = {"dont_write_bytecode", "quiet", "inspect", "interactive"}
_ON = "on"


class IdentityProbe:
    """The identity of a lane at its start, and changes since.

    `key`, in hex, keys the digests of secrets.
    """

    def __init__(self, benchmark: str, key: str | None) -> None:
        self._benchmark = benchmark
        self._digest = digest_of(key)
        self._before = process_identity(self._digest)

    def beside(self, benchmark: str) -> "IdentityProbe":
        """Return that of another benchmark in the same lane, which started as this one."""
        other = copy(self)
        other._benchmark = benchmark
        return other

    def tell(self) -> Identity:
        """Return the identity as strings; call it after all imports."""
        now, before = process_identity(self._digest), self._before
        return Identity(
            config=now["config"],
            variables=before["variables"],
            switches=before["switches"],
            at_run_time={
                **_changed(before["variables"], now["variables"]),
                **_changed(before["switches"], now["switches"]),
            },
            source=sources(self._benchmark),
        )


def digest_of(key: str | None) -> Digest:
    """Return the digest of secrets, keyed if a key (in hex) is given."""
    return keyed(bytes.fromhex(key)) if key else plainly


def _changed(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    return {
        name: now.get(name, "unset")
        for name in (*before, *now)
        if now.get(name) != before.get(name)
    }


def process_identity(digest: Digest = plainly) -> Message:
    """Return the part of the identity that does not depend on the benchmark."""
    return {
        "config": configuration(digest),
        "variables": _variables(digest),
        "switches": _switches(),
    }


def _variables(digest: Digest) -> dict[str, str]:
    found = {}
    for name, value in sorted(os.environ.items()):
        if _VARIABLES.match(name) and name not in _HARMLESS:
            value = _python_path(value) if name == "PYTHONPATH" else value
            if value:
                found[name] = concealed(name, value, digest)
    return found


def _python_path(value: str) -> str:
    """Return PYTHONPATH without the bundle, which daskbench adds for other interpreters."""
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))  # noqa: PTH120
    return os.pathsep.join(entry for entry in value.split(os.pathsep) if entry != ours)


def _switches() -> dict[str, str]:
    """Return the interpreter settings that differ from Python's defaults."""
    found = {
        "implementation": sys.implementation.name,
        "hash seed": os.environ.get("PYTHONHASHSEED", "") or "random",
    }
    found |= {
        f"sys.flags.{name}": str(value) for name, value in _flags() if not _is_usual(name, value)
    }
    found |= {f"-X {name}": str(value) for name, value in sys._xoptions.items()}
    if sys.warnoptions:
        found["-W"] = ",".join(sys.warnoptions)
    return found | _watchers() | _tuned()


def _flags() -> Iterator[tuple[str, int]]:
    for name in dir(sys.flags):
        value = getattr(sys.flags, name)
        if isinstance(value, int) and not name.startswith("n_") and name not in _HARMLESS_FLAGS:
            yield name, value


def _is_usual(name: str, value: int) -> bool:
    if name == "int_max_str_digits" and value < 0:
        return True
    return bool(value == _USUAL.get(name, 0))


def _watchers() -> dict[str, str]:
    """Return the active tracers and profilers, which slow down code."""
    found = {
        "tracemalloc": tracemalloc.is_tracing(),
        "trace function": bool(sys.gettrace() or threading.gettrace()),
        "profile function": bool(sys.getprofile() or threading.getprofile()),
        "sys.monitoring": _monitored(),
    }
    return {name: _ON for name, there in found.items() if there}


def _monitored() -> bool:
    monitoring: Any = getattr(sys, "monitoring", None)  # since Python 3.12
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _tuned() -> dict[str, str]:
    """Return run-time settings of the interpreter that differ from the defaults."""
    found = {}
    if not gc.isenabled():
        found["garbage collector"] = "off"
    if sys.getswitchinterval() != 0.005:
        found["switch interval"] = f"{sys.getswitchinterval():g} s"
    if not getattr(sys, "_is_gil_enabled", lambda: True)():  # since Python 3.13
        found["free threading"] = _ON
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(process_identity()))
