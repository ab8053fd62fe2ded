"""What log looks like: numbers by hand, what does not count, the fit on made clouds, evidence of frames."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.upconvert import suspicion
from candela_engines.upconvert.log_look import NUMBERS, log_odds, numbers_of, terms_of
from candela_engines.upconvert.suspicion import Flatness, flatness_of, together

from .test_network import picture


def named(codes: np.ndarray) -> dict[str, float]:
    found = numbers_of(codes)
    assert found is not None and len(found) == len(NUMBERS)
    return dict(zip(NUMBERS, map(float, found), strict=True))


def test_numbers_of_a_ramp() -> None:
    ramp = np.broadcast_to(np.linspace(0.1, 0.9, 81, dtype=np.float32)[:, None], (81, 20))
    codes = np.stack([ramp, ramp * np.float32(0.5), ramp], axis=2)
    found = named(codes)
    assert found["low50"] == pytest.approx(0.25, abs=1e-4) and found["high99.9"] == pytest.approx(
        0.9, abs=0.002
    )
    assert found["colour"] == pytest.approx(0.5, abs=1e-4)
    assert found["luma50"] == pytest.approx(0.5 * (1 - 0.7152 / 2), abs=1e-4)
    assert found["chroma"] == pytest.approx(0.25, abs=1e-4) and found["black"] == found["white"] == 0
    # Steps of the ramp are the same everywhere: texture does not grow, chroma does, from .15 to .35.
    assert found["texture_up"] == pytest.approx(0, abs=0.05)
    assert found["chroma_up"] == pytest.approx(np.log(0.351 / 0.151), abs=0.03)


def test_texture_grows_with_the_level_in_light_and_not_in_log() -> None:
    random = np.random.default_rng(0)
    light = np.exp2(np.linspace(-6, 0, 120))[:, None] * np.exp2(random.normal(0, 0.1, (120, 90)))
    grown = {}
    for name, code in (("gamma", light ** (1 / 2.4)), ("log", np.log2(light) / 10 + 0.8)):
        grown[name] = named(np.repeat(code[..., None], 3, axis=2).astype(np.float32))["texture_up"]
    assert grown["gamma"] > 0.8 and abs(grown["log"]) < 0.1


def test_bars_and_nan_do_not_count() -> None:
    code = np.clip(picture(80, 120), 0.1, 0.9).astype(np.float32)
    boxed = np.pad(code, ((20, 20), (8, 8), (0, 0)))
    one, two = numbers_of(code), numbers_of(boxed)
    assert one is not None and two is not None
    np.testing.assert_allclose(two, one, atol=1e-6)
    code[3, 4] = np.nan
    assert np.isfinite(numbers_of(code)).all()
    for size in ((1, 1), (7, 8), (1, 300)):
        assert numbers_of(np.full((*size, 3), 0.5, np.float32)) is None
    assert numbers_of(np.zeros((40, 40, 3), np.float32)) is None
    assert np.isfinite(numbers_of(np.full((40, 40, 3), 0.5, np.float32))).all()


def test_odds_are_those_of_the_terms() -> None:
    random = np.random.default_rng(1)
    numbers = random.normal(0, 1, len(NUMBERS)).astype(np.float32)
    mean, scale = np.zeros(len(NUMBERS), np.float32), np.ones(len(NUMBERS), np.float32)
    terms = terms_of(numbers[None], mean, scale)
    weights = random.normal(0, 1, terms.shape[1]).astype(np.float32)
    held = {"mean": mean, "scale": scale, "weights": weights, "least": np.float32(0.5)}
    assert log_odds(numbers, held) == pytest.approx(float(terms[0] @ weights) - 0.5, rel=1e-5)
    assert terms[0, -1] == 1 and terms[0, : len(NUMBERS)] == pytest.approx(numbers, rel=1e-6)


def test_the_fit_tells_clouds_apart_and_accuses_few() -> None:
    from candela_engines.upconvert.training.log_look import fitted, rates

    random = np.random.default_rng(2)
    kinds = np.array(["sdr"] * 600 + ["fog"] * 200 + ["log"] * 300 + ["pq"] * 100)
    numbers = random.normal(0, 1, (len(kinds), len(NUMBERS))).astype(np.float32)
    numbers[kinds == "log", :4] += 3
    numbers[kinds == "pq", :4] += 3
    numbers[kinds == "fog", :2] += 1
    made = fitted(numbers, kinds)
    odds = terms_of(numbers, made["mean"], made["scale"]) @ made["weights"] - made["least"]
    found = rates(odds, [f"log:{n % 2}" if k == "log" else k for n, k in enumerate(kinds)])
    assert found["sdr"][0] <= 0.011 and found["fog"][0] <= 0.13 and found["log"][0] > 0.9
    assert found["log:0"][1] + found["log:1"][1] == found["log"][1] == 300


def test_curves_come_from_opencolorio() -> None:
    from candela_engines.upconvert.training.log_look import CURVES, FLAT, flattened, logs_of

    grey = np.full((8, 8, 3), 0.18, np.float32)
    found = dict(logs_of(grey, "grey"))
    assert tuple(found) == CURVES
    for code in found.values():
        # Within two stops of exposure of 18 % grey: above the black of every curve, below its white.
        assert 0.15 < np.median(code) < 0.65 and np.isfinite(code).all()
    code = picture(24, 32)
    for way in FLAT:
        flat = flattened(code, way, np.random.default_rng(3))
        assert flat.shape == code.shape and flat.min() >= 0 and flat.max() <= 1
        assert flat.std() < code.std() + 1e-3


def test_frames_are_heard_together() -> None:
    fog, cut = Flatness(0.2, 0.8, 0.1, 0.1, 1.0), Flatness(0.0, 1.0, 0.4, 0.3, -9.0)
    assert together([]) is None and together([fog, fog]) == fog
    found = together([fog, fog, cut])
    assert found is not None and not found.suspicious() and found.floor == 0 and found.ceiling == 1
    assert found.odds == pytest.approx(-7 / 3) and found.suspicious("name") and "0.00 and 1.00" in found.text


def test_what_else_says_log_makes_less_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    code = picture(40, 60)
    assert (
        Flatness(0.1, 0.8, 0.1, 0.1, -2.4).suspicious()
        and not Flatness(0.1, 0.8, 0.1, 0.1, -2.6).suspicious()
    )
    assert not Flatness(0.1, 0.95, 0.1, 0.1, -2.4).suspicious()
    for odds, wanted in ((0.5, (1, 1, 1)), (-1.0, (0, 1, 1)), (-5.0, (0, 0, 1)), (-30.0, (0, 0, 0))):
        monkeypatch.setattr(suspicion, "log_odds", lambda numbers, odds=odds: odds)
        found = flatness_of(code)
        assert found is not None
        assert tuple(found.suspicious(hint) for hint in ("", "name", "camera")) == wanted
