"""The host of these tests, built once."""

from __future__ import annotations

import pytest
from tests.ofx_host.build import Built, chosen


@pytest.fixture(scope="session")
def built() -> Built:
    return chosen()
