"""Comparison of an answer with a reference."""

from typing import Any

import numpy as np


def difference(answer: Any, reference: Any, tolerance: float = 1e-9) -> str | None:
    """Return what differs, in one line; None if nothing does."""
    if isinstance(reference, dict) and isinstance(answer, dict):
        parts = [(answer.get(key), value) for key, value in reference.items()]
        return next(filter(None, (difference(*pair, tolerance) for pair in parts)), None)
    if isinstance(reference, list | tuple) and isinstance(answer, list | tuple):
        pairs = zip(answer, reference, strict=False)
        return next(filter(None, (difference(*pair, tolerance) for pair in pairs)), None)
    try:
        np.testing.assert_allclose(answer, reference, rtol=tolerance)
    except AssertionError as error:
        return " ".join(str(error).split())[:200]
    except TypeError:
        return None if bool(np.all(answer == reference)) else "it differs from the reference"
    return None
