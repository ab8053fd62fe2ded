"""A house model comes of choices that carry one, and of no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.scorer.eye.calibrate import Calibration, calibrate
from candela_engines.scorer.eye.enough import better_than_stock
from candela_engines.scorer.eye.features import FEATURES, stock_head
from candela_engines.scorer.eye.head import Head, Pairs, _scenes_of, fine_tune
from candela_engines.scorer.eye.holdout import Estimate, HeldOut
from candela_engines.scorer.eye.house import HouseModel, load_house, save_house
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf

from .raters import Rated, simulated

EXPOSURE, SQUARE = FEATURES.index("exposure"), FEATURES.index("exposure_squared")


def studio(
    scenes: int = 14, versions: int = 6, seed: int = 0
) -> tuple[list[Rated], dict[tuple[str, str], np.ndarray]]:
    """A studio that likes grades half a unit brighter than the stock scorer does, which sees only faults."""
    dice = np.random.default_rng(seed)
    rated, features = [], {}
    for s in range(scenes):
        for v in range(versions):
            row = np.zeros(len(FEATURES))
            exposure, fault = dice.normal(0, 1), dice.exponential(1.0)
            row[0] = 9 - fault - 0.4 * exposure**2 + dice.normal(0, 0.3)
            row[EXPOSURE], row[SQUARE] = exposure, exposure**2
            row[FEATURES.index("noise")] = fault * 0.4
            features[f"s{s}", f"v{v}"] = row
            quality = -0.5 * fault - 0.8 * (exposure - 0.8) ** 2
            rated.append(Rated(f"s{s}", f"v{v}", float(quality)))
    return rated, features


@pytest.fixture(scope="module")
def made() -> Calibration:
    rated, features = studio()
    return calibrate(simulated(rated, raters=10, opposite=1, pairs_each=80), features, resamples=20)


def test_a_house_model_predicts_what_the_stock_scorer_does_not(made: Calibration) -> None:
    assert made.refusal is None and made.head is not None and made.held is not None
    assert [r.name for r in made.raters if r.why] == ["opposite0"]
    assert made.used == 9 * 80 and made.held.choices == 720 and made.held.scenes == 14
    assert made.held.gain_nats.low > 0 and made.held.house.value > made.held.stock.value + 0.05
    assert made.order_p < 0.01
    # It knows new pictures of that taste better than the stock scorer: order of unseen versions.
    rated, features = studio(seed=9)
    rows = np.stack([features[v.scene, v.condition] for v in rated])
    truth = np.array([v.quality for v in rated])
    house = np.corrcoef(made.head.score(rows), truth)[0, 1]
    assert house > 0.8 and house > np.corrcoef(rows[:, 0], truth)[0, 1] + 0.1
    # The favourite lies on the brighter side, where the raters have it.
    row = np.tile(rows.mean(axis=0), (81, 1))
    row[:, EXPOSURE] = np.linspace(-2, 2, 81)
    row[:, SQUARE] = row[:, EXPOSURE] ** 2
    assert 0.3 < row[int(made.head.score(row).argmax()), EXPOSURE] < 1.4


def test_the_level_is_the_stock_scorers(made: Calibration) -> None:
    _, features = studio()
    rows = np.stack(list(features.values()))
    assert made.head is not None
    assert made.head.score(rows).mean() == pytest.approx(rows[:, 0].mean(), abs=0.2)


def test_raters_who_see_as_the_stock_scorer_does_make_no_house_model() -> None:
    rated, features = studio()
    as_stock = [replace(v, quality=0.6 * features[v.scene, v.condition][0]) for v in rated]
    found = calibrate(simulated(as_stock, raters=8, pairs_each=60), features, resamples=0)
    assert found.head is None and found.refusal is not None
    assert found.refusal.code in ("no-better", "not-surely-better")
    assert "the stock scorer" in found.refusal.reason and found.held is not None


def test_coins_teach_nothing() -> None:
    rated, features = studio()
    flat = [replace(v, quality=0.0) for v in rated]
    found = calibrate(simulated(flat, raters=12, pairs_each=200), features, resamples=0)
    assert found.head is None and found.refusal is not None
    assert found.refusal.code in ("contradictory", "no-order", "raters-disagree")


def test_raters_who_contradict_one_another() -> None:
    rated, features = studio(scenes=6)
    found = calibrate(simulated(rated, raters=10, opposite=5), features, resamples=0)
    assert found.head is None and found.refusal is not None
    assert found.refusal.code in ("contradictory", "raters-disagree")


@pytest.mark.parametrize(
    ("raters", "scenes", "code"), [(1, 8, "few-raters"), (5, 3, "few-scenes"), (3, 8, "few-choices")]
)
def test_too_few_and_how_many_more(raters: int, scenes: int, code: str) -> None:
    rated, features = studio(scenes=scenes, versions=4)
    choices = simulated(rated, raters=raters)
    if code == "few-choices":  # a chain, so that all versions have one scale
        choices = [c for c in choices if int(c.b[1:]) - int(c.a[1:]) == 1]
    found = calibrate(choices, features, resamples=0)
    assert found.refusal is not None and found.refusal.code == code and found.head is None
    assert found.refusal.more and str(found.refusal.more) in found.refusal.reason


def held(gain: float, low: float, se: float) -> HeldOut:
    one = Estimate(0.6, 0.5, 0.7)
    return HeldOut(200, 8, 5, one, one, one, Estimate(gain, low, gain + 2 * se), se)


def test_how_many_more_choices_would_show_a_difference() -> None:
    """An interval shrinks with the root: 200 (1.96 · 0.01 / 0.01)² = 768, so 568 more, 570 in two figures."""
    refusal = better_than_stock(held(0.01, -0.01, 0.01))
    assert refusal is not None and refusal.code == "not-surely-better" and refusal.more == 570
    assert "about 570 more choices" in refusal.reason
    none = better_than_stock(held(-0.01, -0.03, 0.01))
    assert none is not None and none.code == "no-better" and none.more is None
    assert better_than_stock(held(0.03, 0.01, 0.01)) is None


def test_versions_without_a_score_are_scaled_and_not_learnt() -> None:
    rated, features = studio(scenes=6)
    del features["s0", "v0"]
    choices = simulated(rated, raters=4)
    found = calibrate(choices, features, resamples=0)
    assert found.used == len(choices) - 4 * 5 and "v0" in found.scales["s0"].conditions


def test_a_head_with_no_choices_is_the_stock_scorer() -> None:
    _, features = studio()
    rows = np.stack(list(features.values()))
    none = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    score = fine_tune(rows, none, stock_head(rows)).score(rows)
    assert (np.argsort(score) == np.argsort(rows[:, 0])).all()
    with pytest.raises(InputError, match="there are held, map"):
        fine_tune(rows, none, stock_head(rows), recipe="guess")


def test_what_goes_together_in_few_scenes_is_not_taken_for_taste() -> None:
    """Raters see as the stock scorer does; twelve features of chance and six scenes tempt a wide prior."""
    dice = np.random.default_rng(3)
    start = Head(np.array([0.5, *[0.0] * 12]), 0.0, *(np.full(13, v) for v in (0.0, 1.0, -9.0, 9.0, 0.7)))
    far = {"held": 0.0, "map": 0.0}
    within = np.stack(np.triu_indices(5, 1))
    first, second = np.concatenate([within + 5 * scene for scene in range(6)] * 4, axis=1)
    for _ in range(3):
        x = dice.normal(size=(30, 13))
        chance = normal_cdf((x[first, 0] - x[second, 0]) / SIGMA_JOD)
        won = (dice.random(len(first)) < chance).astype(np.float64)
        for recipe in far:
            made = fine_tune(x, Pairs(first, second, won, 1 - won), start, recipe=recipe)
            far[recipe] += float(np.abs(made.weights[1:]).sum())
    assert far["held"] < 0.1 * far["map"]


def test_a_taste_that_scenes_bear_is_learnt() -> None:
    rated, features = studio(scenes=8)
    found = calibrate(simulated(rated, raters=6), features, resamples=0)
    assert found.head is not None
    assert np.abs(found.head.weights[1:]).max() > 0.2 and found.head.prior_sd[1:].max() > 0.02


def test_scenes_are_what_pairs_connect() -> None:
    first, second = np.array([4, 0, 6, 2, 4]), np.array([2, 1, 5, 3, 3])
    assert _scenes_of(Pairs(first, second, np.ones(5), np.zeros(5)), 8).tolist() == [1, 0, 2, 1, 1]


def test_map_is_the_maximum() -> None:
    """Against brute force of two weights on a grid."""
    dice = np.random.default_rng(2)
    x = dice.normal(size=(12, 2))
    pairs = Pairs(
        np.arange(0, 12, 2),
        np.arange(1, 12, 2),
        np.array([3.0, 1, 4, 1, 5, 9]),
        np.array([2.0, 6, 5, 3, 5, 8]),
    )
    one = np.ones(2)
    start = Head(np.array([0.5, 0.0]), 0.0, 0 * one, one, -9 * one, 9 * one, np.array([0.5, 0.7]))
    got = fine_tune(x, pairs, start, recipe="map").weights
    from candela_engines.scorer.normal import SIGMA_JOD, log_cdf

    def value(w: np.ndarray) -> float:
        z = (x[pairs.first] - x[pairs.second]) @ w / SIGMA_JOD
        prior = ((w - start.weights) / start.prior_sd) ** 2
        return float(pairs.wins @ log_cdf(z) + pairs.losses @ log_cdf(-z) - 0.5 * prior.sum())

    grid = np.linspace(-1.5, 1.5, 61)
    best = max(((value(np.array([a, b])), a, b) for a in grid for b in grid), key=lambda v: v[0])
    np.testing.assert_allclose(got, best[1:], atol=0.03)
    assert value(got) >= best[0]


def test_beyond_the_taught_range_a_feature_is_held(made: Calibration) -> None:
    assert made.head is not None
    far = np.zeros((1, len(FEATURES)))
    far[0, EXPOSURE] = 1e6
    held = far.copy()
    held[0, EXPOSURE] = made.head.high[EXPOSURE]
    assert made.head.score(far) == made.head.score(held) and made.head.outside(far)[0, EXPOSURE]


def test_a_file_of_a_house_model(made: Calibration, tmp_path: Path) -> None:
    assert made.head is not None
    model = save_house(
        tmp_path / "h.npz", HouseModel("north", made.head, FEATURES, "ab" * 32, {"choices": 720})
    )
    again = load_house(tmp_path / "h.npz")
    assert again.sha256 == model.sha256 and again.card["choices"] == 720 and again.name == "north"
    rows = np.random.default_rng(0).normal(size=(5, len(FEATURES)))
    np.testing.assert_array_equal(again.head.score(rows), made.head.score(rows))


def test_files_that_are_no_house_model(made: Calibration, tmp_path: Path) -> None:
    assert made.head is not None
    path = tmp_path / "h.npz"
    save_house(path, HouseModel("north", made.head, FEATURES, "ab" * 32, {}))
    data = path.read_bytes()
    bad = {
        "empty": b"",
        "text": b"hello",
        "cut": data[: len(data) // 2],
        "huge": b"\0" * (5 << 20),
        "flipped": data[:300] + bytes([data[300] ^ 255]) + data[301:],
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="house model"):
            load_house(tmp_path / name)
    np.savez(tmp_path / "other.npz", card=np.frombuffer(b'{"kind": "x"}', np.uint8))
    np.savez(tmp_path / "object.npz", card=np.array([{}], dtype=object))
    for name in ("other.npz", "object.npz"):
        with pytest.raises(InputError, match="no house model"):
            load_house(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        load_house(tmp_path / "none")
    broken = replace(made.head, weights=made.head.weights * np.nan)
    save_house(path, HouseModel("north", broken, FEATURES, "ab" * 32, {}))
    with pytest.raises(InputError, match="numbers that are none"):
        load_house(path)
    save_house(path, HouseModel("north", made.head, tuple(f"x{n}" for n in FEATURES), "ab" * 32, {}))
    with pytest.raises(InputError, match="calibrate anew"):
        load_house(path)
