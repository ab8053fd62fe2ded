from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from candela_server.cli.run import run
from candela_server.service import EmbedShotsRequest, embed_shots

from .pictures import QUICK, Pair, make_pair
from .shots import Shots, make_sequence


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Candela = Callable[..., Said]


@pytest.fixture
def candela(capfd: pytest.CaptureFixture[str]) -> Candela:
    """Run a command line in this process."""

    def call(*arguments: object) -> Said:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        got = capfd.readouterr()
        return Said(code, got.out, got.err)

    return call


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pair, Path]:
    """A pair, and the SDR file carrying its HDR."""
    folder = tmp_path_factory.mktemp("made")
    pair = make_pair(folder)
    out = folder / "out.png"
    assert run(["--quiet", "embed", str(pair.sdr), "--hdr", str(pair.hdr), "-o", str(out), *QUICK]) == 0
    return pair, out


@pytest.fixture
def pair(made: tuple[Pair, Path]) -> Pair:
    return made[0]


@pytest.fixture
def carrying(made: tuple[Pair, Path], tmp_path: Path) -> Path:
    """A copy of the SDR file that carries its HDR, to do with as one likes."""
    return Path(shutil.copy(made[1], tmp_path / "carrying.png"))


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Shots:
    """Frames 1001 to 1006, with a cut at 1004."""
    return make_sequence(tmp_path_factory.mktemp("shots"), count=6, cut=1004)


@pytest.fixture(scope="session")
def embedded(shots: Shots, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pattern of their SDR files, which carry a network for each of the two shots."""
    out = tmp_path_factory.mktemp("embedded") / "out.####.png"
    embed_shots(EmbedShotsRequest(shots.sdr, out, shots.hdr, effort="fast", cuts=(1004,)))
    return out
