"""The bundle of this tree in the test host, and files with payloads for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.ofx_host.build import PLUGIN, Built, chosen
from tests.ofx_host.driver import Host


@pytest.fixture(scope="session")
def built() -> Built:
    if not (PLUGIN / "CMakeLists.txt").exists():
        pytest.skip(f"{PLUGIN} is not here")
    return chosen(plugin=PLUGIN)


@pytest.fixture
def plain(built: Built) -> Iterator[Host]:
    """The host that has everything."""
    with Host(built, "plain-1.5") as one:
        yield one
