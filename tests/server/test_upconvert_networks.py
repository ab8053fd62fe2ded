"""upconvert by a network, whose weights are random here: one context a shot, a LUT a shot, distilled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.payload import decode
from candela_engines.media import read_still, write_sdr_png
from candela_engines.upconvert.engine import ENGINES
from candela_engines.upconvert.learnt import LearntEngine
from candela_engines.upconvert.network import load_network

from ..upconvert.random_weights import random_weights
from .conftest import Candela
from .pictures import Pair
from .shot_clips import codes_at


@pytest.fixture
def agcm(monkeypatch: pytest.MonkeyPatch) -> LearntEngine:
    """What `--engine agcm` opens in place of the refusal."""
    weights = random_weights("agcm")
    # Nothing is added to codes of 0, whose light is 0: a LUT has no step at black.
    for name, values in weights.items():
        if name.startswith(("layers", "modulations")) and (name.endswith("bias") or ".offset." in name):
            values[:] = 0
    weights["layers.2.weight"] = np.abs(weights["layers.2.weight"]) * np.float32(0.2)
    engine = LearntEngine(ENGINES["agcm"], load_network("agcm", weights, threads=1))
    monkeypatch.setattr(
        "candela_server.service.upconvert_request.open_engine", lambda name, reference_white: engine
    )
    monkeypatch.setattr(
        "candela_server.service.upconvert_distil.open_engine", lambda name, reference_white: engine
    )
    return engine


def two_shots(folder: Path) -> Path:
    """Twelve frames, of which the last six are of another scene."""
    folder.mkdir()
    for number in range(12):
        codes = codes_at(number) if number < 6 else 255 - codes_at(number)[::-1]
        write_sdr_png(folder / f"s.{number:04d}.png", np.ascontiguousarray(codes), state=NAMED["rec709"])
    return folder / "s.####.png"


def test_still(candela: Candela, agcm: LearntEngine, pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "o.exr"
    said = candela("upconvert", pair.sdr, "-o", out, "--engine", "agcm", "--bit-depth", 32, "--json")
    assert said.code == 0, said.err
    np.testing.assert_allclose(
        read_still(out).pixels, agcm.light(pair.codes, 8, NAMED["rec709"]), rtol=2e-3, atol=1e-3
    )
    assert len(said.json["levels"]) == 5


def test_a_shot_has_one_context(candela: Candela, agcm: LearntEngine, tmp_path: Path) -> None:
    pattern = two_shots(tmp_path / "in")
    out = tmp_path / "o.####.exr"
    said = candela("upconvert", pattern, "-o", out, "--engine", "agcm", "--bit-depth", 32, "--json")
    assert said.code == 0, said.err
    shots = [(0, 5), (6, 11)]
    for first, last in shots:
        frames = [read_still(tmp_path / "in" / f"s.{n:04d}.png").pixels for n in range(first, last + 1)]
        whole = agcm.of_shot([(frame, 32) for frame in frames], NAMED["rec709"])
        for number in (first, last):
            made = read_still(tmp_path / f"o.{number:04d}.exr").pixels
            wanted = whole.light(frames[number - first], 32, NAMED["rec709"])
            np.testing.assert_allclose(made, wanted, rtol=5e-3, atol=1e-2)


def test_a_lut_is_of_one_shot(candela: Candela, agcm: LearntEngine, tmp_path: Path) -> None:
    pattern = two_shots(tmp_path / "in")
    out = tmp_path / "o.cube"
    said = candela("upconvert", pattern, "-o", out, "--engine", "agcm")
    assert said.code == 2 and "has 2 shots" in said.err and "0-5, 6-11" in said.err
    said = candela("upconvert", pattern, "-o", out, "--engine", "agcm", "--frames", "6-11", "--json")
    assert said.code == 0 and said.json["against_the_engine_pu_psnr_db"] > 50


def test_distilled(candela: Candela, agcm: LearntEngine, tmp_path: Path) -> None:
    pattern = two_shots(tmp_path / "in")
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "s.####.png"
    asked = "--engine", "agcm", "--distil", "--effort", "fast", "--bytes", "1500", "--json"
    said = candela("upconvert", pattern, "-o", out, *asked)
    assert said.code == 0, said.err
    assert len(said.json["clips"][0]["shots"]) == 2
    found = find_payload(tmp_path / "out" / "s.0007.png")
    assert found is not None and decode(found.payload).provenance == "distilled"
