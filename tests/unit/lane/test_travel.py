"""Code that travels to clusters of others."""

from typing import Any

import pytest

from daskbench.lane import travel


def test_a_script_is_not_looked_for_on_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its module is ``__main__``, whose spec is None in a ``dask worker``."""
    monkeypatch.setattr("cloudpickle.register_pickle_by_value", lambda module: None)
    client: Any = None
    assert travel.send_code(client, "__main__", ["daskbench.errors"]) is False
