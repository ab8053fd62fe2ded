"""Known SDR operators: what the tables give, and what they tell of a grade beside a reference."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.scorer import DESCRIPTORS, describe
from candela_engines.scorer.descriptors.pair_operator import GROUP, SPECS, bias, summaries
from candela_engines.scorer.frames import paired_frame
from candela_engines.scorer.operator_bank import MEASURES, against_reference, installed_bank
from candela_engines.scorer.planes import pq_of
from candela_engines.scorer.training.operator_tables import members, table_of

from .ladders import noise

# BT.2087-0, table 2 backwards: linear BT.2020 to BT.709.
TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])


def hard_clip(nits: np.ndarray) -> np.ndarray:
    """Codes of gamma 2.4, white at 203 nit, all that is brighter or outside cut: by its definition."""
    return np.asarray(np.clip(nits @ TO_709.T / 203, 0, 1) ** (1 / 2.4))


def sdr_of(nits: np.ndarray) -> np.ndarray:
    """As a delivery has it: eight bits, read as light with white at 100 nit."""
    code = np.round(hard_clip(nits) * 255) / 255
    return np.asarray(code**2.4 * 100, np.float32)


def colours(count: int) -> np.ndarray:
    random = np.random.default_rng(5)
    grey = 10 ** random.uniform(-1, 2.95, (count, 1))
    return np.asarray(grey * (1 + random.uniform(-0.45, 0.1, (count, 3))), np.float32)


def test_the_table_of_the_hard_clip_is_the_hard_clip() -> None:
    bank = installed_bank()
    nits = colours(4000)
    made = np.stack(bank.apply(pq_of(nits)), axis=-1)[bank.names.index("hard_clip")]
    wanted = hard_clip(nits)
    error = np.abs(made - wanted).max(axis=1)
    assert np.median(error) < 0.5 / 255
    # Between two points of the lattice the corner of the clip is rounded, and nowhere else is it off.
    assert np.percentile(error[wanted.max(axis=1) < 0.9], 99) < 3 / 255


def test_every_table_is_near_its_operator_between_the_points() -> None:
    bank = installed_bank()
    nits = colours(1500)
    made = np.stack(bank.apply(pq_of(nits)), axis=-1)
    assert len(members()) == len(bank.names) == len(made)
    for place, (operator, scene) in enumerate(members()):
        error = np.abs(made[place] - np.clip(table_of(nits, operator, scene), 0, 1)).max(axis=1)
        assert np.median(error) < 1 / 255, (operator, scene)
        assert np.percentile(error, 95) < 5 / 255, (operator, scene)


def test_the_master_of_a_known_operator_fits_and_a_quarter_stop_is_told(
    evening: tuple[np.ndarray, np.ndarray],
) -> None:
    master, _ = evening
    sdr = sdr_of(master)
    own = describe(master, sdr)
    assert own["pair.operator.bias"] < 0.25 and own["pair.operator.near_residual"] < 0.6
    assert abs(own["pair.operator.near_stops_mid"]) < 0.01
    assert own["pair.operator.least_delta_e"] < 1.0
    for stops in (-1.0, -0.25, 0.25, 1.0):
        raw = raw_of(master * np.float32(2**stops), sdr)
        place = installed_bank().names.index("hard_clip")
        assert raw[place, MEASURES.index("stops_mid")] == pytest.approx(stops, abs=0.02)
        assert bias(raw)[place] > 3 * own["pair.operator.bias"]
    warm = master * np.array([2**0.1, 1, 2**-0.1], np.float32)
    raw = raw_of(warm, sdr)[installed_bank().names.index("hard_clip")]
    red, blue = raw[MEASURES.index("red")], raw[MEASURES.index("blue")]
    assert 0.05 < red < 0.2 and -0.2 < blue < -0.05


def raw_of(grade: np.ndarray, sdr: np.ndarray) -> np.ndarray:
    pair = paired_frame(grade, sdr)
    return against_reference(installed_bank(), pair.grade, pair.sdr)


def test_noise_moves_no_offset(evening: tuple[np.ndarray, np.ndarray]) -> None:
    master, _ = evening
    sdr = sdr_of(master)
    own, noisy = describe(master, sdr), describe(noise(master, 4), sdr)
    assert abs(noisy["pair.operator.near_stops_mid"] - own["pair.operator.near_stops_mid"]) < 0.03
    assert noisy["pair.operator.bias"] < own["pair.operator.bias"] + 0.2
    assert noisy["pair.operator.near_residual"] > own["pair.operator.near_residual"] + 0.5


def test_an_operator_that_is_taken_away_fits_no_more(evening: tuple[np.ndarray, np.ndarray]) -> None:
    master, _ = evening
    raw = raw_of(master, sdr_of(master))[None]
    names = [spec.name for spec in SPECS]
    known = dict(zip(names, summaries(raw)[0], strict=True))
    away = [installed_bank().names.index(name) for name in ("hard_clip", "bt2390")]
    unknown = dict(zip(names, summaries(raw, away)[0], strict=True))
    assert unknown["bias"] > 2 * known["bias"] and unknown["near_residual"] > 3 * known["near_residual"]


def test_without_evidence_there_is_none() -> None:
    flat = np.full((64, 64, 3), 50.0, np.float32)
    own = [d.name for d in DESCRIPTORS if d.name.startswith(GROUP)]
    found = describe(flat, np.zeros_like(flat))
    places = [place for place, d in enumerate(DESCRIPTORS) if d.name in own]
    assert len(places) == len(SPECS) and not found.valid[places].any()
    assert np.isfinite(found.values[places]).all()
