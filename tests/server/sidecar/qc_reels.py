"""Small clips for quality control through the sidecar."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.qc.golden import write_reel
from tests.qc.test_references import write_sdr

from .conftest import Running

EDL = """TITLE: cut
001  AX       V     C        00:00:00:00 00:00:00:10 01:00:00:00 01:00:00:10
* FROM CLIP NAME: reel.mp4
002  AX       V     C        00:00:00:10 00:00:00:20 01:00:00:10 01:00:00:20
* FROM CLIP NAME: reel.mp4
"""


@pytest.fixture(scope="session")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames in two shots, the first too bright and the second too green."""
    numbers = [*range(4, 14), *range(28, 38)]
    return write_reel(tmp_path_factory.mktemp("reel") / "reel.mp4", numbers=numbers)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def sdr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in BT.709."""
    numbers = [*range(4, 14), *range(28, 38)]
    return write_sdr(tmp_path_factory.mktemp("sdr") / "reel_sdr.mp4", numbers)  # type: ignore[arg-type]


@pytest.fixture
def folder(shared: Running, request: pytest.FixtureRequest, reel: Path) -> Iterator[Path]:
    """A folder of the test in the shared sidecar's root, with reel.mp4."""
    path = shared.root / re.sub(r"\W+", "-", request.node.name)
    path.mkdir()
    shutil.copy(reel, path / "reel.mp4")
    yield path
    shutil.rmtree(path)
