"""The independent implementation that these tests hold ours against."""

from __future__ import annotations

import warnings
from typing import Any

import pytest


@pytest.fixture(scope="session")
def cs() -> Any:
    """The colour-science package; it warns on import of optional parts that are not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import colour
    return colour
