"""upconvert --highlights: refused without weights; with some, marked in the confidence and in every file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media import read_still, write_sdr_png
from candela_engines.upconvert.engine import open_engine
from candela_engines.upconvert.highlights import HighlightsEngine, load_highlights, mask_of

from ..upconvert.test_highlights import bright, highlight_weights
from .conftest import Candela
from .pictures import Pair
from .test_upconvert import plane_of, text_of


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> HighlightsEngine:
    """What `--highlights` opens in place of the refusal, after bt2446c."""
    weights = highlight_weights()
    weights["leave.bias"][:] = 0.08
    made = load_highlights(weights, threads=1)
    for module in ("upconvert_request", "upconvert_distil"):
        monkeypatch.setattr(f"candela_server.service.{module}.open_highlights", lambda: made)
    return HighlightsEngine(open_engine("bt2446c"), made)


@pytest.fixture
def grade(tmp_path: Path) -> Path:
    path = tmp_path / "grade.png"
    write_sdr_png(path, np.rint(255 * bright()).astype(np.uint8), state=NAMED["rec709"])
    return path


LINE = ("--engine", "bt2446c", "--highlights")


def test_refused_as_none_ship(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    for more in ((), ("--distil",)):
        said = candela("upconvert", pair.sdr, "-o", tmp_path / "o.png", *LINE, *more)
        assert said.code == 2 and "no trained weights" in said.err


def test_a_still_with_its_confidence(
    candela: Candela, engine: HighlightsEngine, grade: Path, tmp_path: Path
) -> None:
    planes, out = [], tmp_path / "o.exr"
    for more in (LINE, LINE[:2]):
        said = candela("upconvert", grade, "-o", out, *more, "--confidence", "--bit-depth", 32, "--json")
        assert said.code == 0, said.err
        assert said.json["highlights_made_up"] is (more is LINE)
        planes.append(plane_of(out))
        if more is LINE:
            codes = read_still(grade).codes
            made = engine.light(codes, 8, NAMED["rec709"])
            np.testing.assert_allclose(read_still(out).pixels[..., :3], made, rtol=1e-4, atol=1e-4)
            assert "made up" in str(text_of(out)["candela_model"])
    mask = mask_of(codes.astype(np.float32) / np.float32(255))
    rim = (mask > 0) & (mask < 1)
    assert rim.any() and (planes[0][mask == 0] == planes[1][mask == 0]).all()
    assert (planes[0][mask > 0] <= planes[1][mask > 0] + 1e-6).all()
    assert planes[0][rim].mean() < planes[1][rim].mean() - 0.05  # bright, not clipped, and added to


def test_words_luts_and_distilling(
    candela: Candela, engine: HighlightsEngine, grade: Path, tmp_path: Path
) -> None:
    said = candela("upconvert", grade, "-o", tmp_path / "o.avif", *LINE)
    assert said.code == 0 and "made up by the second stage" in said.out
    lut = candela("upconvert", grade, "-o", tmp_path / "o.cube", *LINE)
    assert lut.code == 2 and "neighbours" in lut.err
    more = ("--distil", "--effort", "fast", "--bytes", "1400", "--seconds", "0.05", "--json")
    carrying = candela("upconvert", grade, "-o", tmp_path / "c.png", *LINE, *more)
    assert carrying.code == 0 and carrying.json["highlights_made_up"] is True
