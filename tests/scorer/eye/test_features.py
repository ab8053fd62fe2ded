"""What a head looks at, of pictures: tastes that no reason speaks of move what is meant to show them."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.scorer.descriptors import describe
from candela_engines.scorer.eye.features import FEATURES, features_of, stock_head

from .. import ladders

_SKIN_709 = np.array([194, 150, 130], np.float32) / 255


def _scene() -> tuple[np.ndarray, np.ndarray]:
    """A grade in nits with skin, shadows and a lamp, and the SDR reference's light, both (192, 256, 3)."""
    dice = np.random.default_rng(3)
    texture = dice.uniform(0.6, 1.4, (192, 256, 1)).astype(np.float32)
    light = np.full((192, 256, 3), 0.1, np.float32)
    light[:96, :128] = _SKIN_709**2.4
    light[96:, :128] = 0.002
    light[:40, 200:] = 1.0
    sdr = np.clip(light * texture, 0, 1) * np.float32(100)
    wide = apply_matrix(light * texture, rgb_to_rgb("bt709", "bt2020")) * np.float32(203)
    wide[:40, 200:] *= 3.5
    return np.clip(wide, 0, 1000).astype(np.float32), sdr.astype(np.float32)


def _features(grade: np.ndarray, sdr: np.ndarray | None) -> dict[str, float]:
    row = features_of(describe(grade, sdr, threads=1), 7.0)
    assert row.shape == (len(FEATURES),) and np.isfinite(row).all()
    return dict(zip(FEATURES, row.tolist(), strict=True))


@pytest.fixture(scope="module")
def plain() -> dict[str, float]:
    return _features(*_scene())


def test_lower_highlights_show(plain: dict[str, float]) -> None:
    grade, sdr = _scene()
    low = _features(ladders.clip(grade, 400), sdr)
    assert plain["highlights_over_500"] > 1 and low["highlights_over_500"] == 0
    assert low["grade.light.peak_rgb"] < plain["grade.light.peak_rgb"] - 0.5
    assert low["grade.light.peak_rgb_squared"] == pytest.approx(low["grade.light.peak_rgb"] ** 2)


def test_skin_and_colour_show(plain: dict[str, float]) -> None:
    grade, sdr = _scene()
    richer = grade.copy()
    richer[:96, :128] = ladders.saturation(grade[:96, :128], 1.25)
    found = _features(richer, sdr)
    # ln 1.25 in units of 0.15.
    assert found["pair.colour.skin_chroma"] - plain["pair.colour.skin_chroma"] == pytest.approx(1.5, abs=0.2)
    assert found["colourfulness"] > plain["colourfulness"] + 0.2
    darker = grade.copy()
    darker[:96, :128] *= np.float32(0.5)
    fell = _features(darker, sdr)["pair.colour.skin_stops"] - plain["pair.colour.skin_stops"]
    assert fell == pytest.approx(-1 / 0.7, abs=0.1)


def test_deeper_shadows_show(plain: dict[str, float]) -> None:
    grade, sdr = _scene()
    lifted = _features(ladders.lift(grade, 1.0), sdr)
    assert lifted["grade.light.p5"] > plain["grade.light.p5"] + 0.5


def test_no_evidence_is_nothing(plain: dict[str, float]) -> None:
    grade, _ = _scene()
    alone = _features(grade, None)
    assert alone["pair.colour.skin_chroma"] == alone["pair.colour.skin_stops"] == alone["skin"] == 0
    assert alone["highlights_over_500"] == plain["highlights_over_500"]


def test_squares_have_a_narrower_prior() -> None:
    head = stock_head(np.zeros((2, len(FEATURES))))
    squares = [name.endswith("_squared") for name in FEATURES]
    assert set(head.prior_sd[squares]) == {0.35}
    assert head.prior_sd[FEATURES.index("highlights_over_500")] == 0.7 and head.weights[1:].max() == 0
    assert len(set(FEATURES)) == len(FEATURES)
