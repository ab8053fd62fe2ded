from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from candela_server.cli.run import run

from .pictures import QUICK, Pair, make_pair


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
