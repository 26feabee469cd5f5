"""Whether a user's class or function can make a cluster, asked in the helper."""

from collections.abc import Mapping
from typing import Any

from daskbench.errors import UsageError
from daskbench.lane.causes import Explained
from daskbench.lane.deploy.own import arguments_for, find_maker


def check(name: str, shown: str, options: Mapping[str, Any], asked: Mapping[str, int]) -> None:
    """Raise UsageError unless it can be imported, and called with these arguments."""
    try:
        arguments_for(find_maker(name), shown, options, asked)
    except Explained as error:
        raise UsageError(str(error)) from error
