from __future__ import annotations

from pathlib import Path

import pytest

from candela_server.service.qc import qc
from candela_server.service.qc_request import QcOutcome, QcRequest

from .golden import write_reel


@pytest.fixture(scope="session")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reel(tmp_path_factory.mktemp("reel") / "reel.mp4")


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def outcome(reel: Path, work: Path) -> QcOutcome:
    """The reel by hdr10-1000."""
    return qc(QcRequest((reel,), work=work))
