"""The second stage at random weights: sizes, what it leaves alone, and what of it counts as made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.upconvert.engine import open_engine
from candela_engines.upconvert.highlights import (
    DILATIONS,
    SIDE,
    Highlights,
    HighlightsEngine,
    load_highlights,
    mask_of,
    open_highlights,
    small,
    spread,
)

from .test_network import picture


def highlight_weights(width: int = 6, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    names = [("enter", 4, width), *((f"body.{n}", width, width) for n in range(len(DILATIONS)))]
    made = {}
    for name, inputs, outputs in (*names, ("leave", width, 3)):
        size = (0.3 if name == "leave" else 1.0) * (9 * inputs) ** -0.5
        made[f"{name}.weight"] = random.normal(0, size, (outputs, inputs, 3, 3)).astype(np.float32)
        made[f"{name}.bias"] = random.normal(0, 0.05, outputs).astype(np.float32)
    return made


@pytest.fixture(scope="module")
def highlights() -> Highlights:
    return load_highlights(highlight_weights(), threads=1)


def bright(height: int = 90, width: int = 120) -> np.ndarray:
    """A picture with a clipped disc and a rim that is close to it."""
    code = picture(height, width)
    y, x = np.mgrid[0:height, 0:width]
    rim = np.clip(1.2 - np.hypot(y - height / 2, x - width / 2) / 25, 0, 1)
    return np.maximum(code, rim[..., None].astype(np.float32))


def test_mask() -> None:
    code = np.array([[[0.94, 0, 0], [0.975, 0.2, 0.1], [1.0, 1.0, 1.0], [np.nan, 0, 0]]], np.float32)
    np.testing.assert_allclose(mask_of(code)[0], [0, 0.5, 1, 0], atol=1e-5)


def test_off_the_mask_nothing_is_added(highlights: Highlights) -> None:
    code = bright()
    found = highlights.added(code, mask_of(code))
    assert np.abs(found).max() > 0.01 and (found[mask_of(code) == 0] == 0).all()


def test_a_frame_of_twice_the_size_has_the_same_highlights(highlights: Highlights) -> None:
    code = bright(96, SIDE)
    larger = code.repeat(2, axis=0).repeat(2, axis=1)
    one, two = (highlights.added(c, mask_of(c)) for c in (code, larger))
    few = two.reshape(96, 2, SIDE, 2, 3).mean(axis=(1, 3))
    inner = mask_of(code) == 1
    assert inner.sum() > 50 and np.abs(few - one)[inner].max() < 0.05 * np.abs(one).max()


def test_rows_at_a_time_are_all_at_once(highlights: Highlights, monkeypatch: pytest.MonkeyPatch) -> None:
    code = bright()
    whole = highlights.added(code, mask_of(code))
    monkeypatch.setattr("candela_engines.upconvert.highlights._ROWS", 7)
    np.testing.assert_allclose(highlights.added(code, mask_of(code)), whole, atol=1e-6)


def test_beside_the_mask_the_field_does_not_count() -> None:
    mask = np.zeros((8, 12), np.float32)
    mask[:, 5:7] = 1
    field = np.random.default_rng(0).normal(0, 100, (4, 6, 3)).astype(np.float32)
    weights = small(mask[..., None], 6)
    assert weights.shape == (4, 6, 1)
    field[weights[..., 0] > 0] = 0.25
    found = spread(field, weights, mask)
    np.testing.assert_allclose(found[:, 5:7], 0.25, rtol=1e-5)
    assert (found[mask == 0] == 0).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (5, 3)])
def test_pictures_that_are_hardly_any(highlights: Highlights, size: tuple[int, int]) -> None:
    code = np.ones((*size, 3), np.float32)
    found = highlights.added(code, mask_of(code))
    assert found.shape == code.shape and np.isfinite(found).all()


def test_light_off_the_mask_is_the_engines(highlights: Highlights) -> None:
    code = bright()
    code[2, 3] = np.nan
    first = open_engine("bt2446c")
    engine = HighlightsEngine(first, highlights)
    before, after = (e.light(code, 32, NAMED["rec709"]) for e in (first, engine))
    mask = mask_of(code)
    np.testing.assert_array_equal(after[mask == 0], before[mask == 0])
    assert np.isnan(after[2, 3]).all() and (after[mask > 0] != before[mask > 0]).any()
    assert np.nanmax(after) <= engine.peak_nits == 1000 and engine.white_nits == first.white_nits
    dull = picture(20, 30) * np.float32(0.8)
    np.testing.assert_array_equal(
        engine.light(dull, 32, NAMED["rec709"]), first.light(dull, 32, NAMED["rec709"])
    )


def test_what_is_added_and_taken_away_is_made_up(highlights: Highlights) -> None:
    engine = HighlightsEngine(open_engine("placement"), highlights)
    before = np.full((1, 3, 3), 100, np.float32)
    after = before * np.array([1, 4, 0.5], np.float32)[None, :, None]
    found = engine.determined(np.array([[1.0, 0.8, 1.0]], np.float32), before, after)
    np.testing.assert_allclose(found, [[1.0, 0.2, 0.5]], rtol=1e-5)


def test_none_ship_and_others_are_refused() -> None:
    with pytest.raises(InputError, match="no trained weights"):
        open_highlights()
    with pytest.raises(InfrastructureError, match="do not hold"):
        load_highlights({"enter.weight": np.zeros((3, 4, 3, 3), np.float32)})


def test_graph_is_the_generator(highlights: Highlights) -> None:
    torch = pytest.importorskip("torch")
    from candela_engines.upconvert.training.highlights_networks import Generator, spread_of

    made = Generator(6)
    made.load_state_dict({key: torch.from_numpy(value) for key, value in highlight_weights().items()})
    code = bright(160, 200)
    few, weights = small(code), small(mask_of(code)[..., None])
    with torch.no_grad():
        x, m, whole = (
            torch.from_numpy(np.ascontiguousarray(p.transpose(2, 0, 1)))
            for p in (few, weights, mask_of(code)[..., None])
        )
        wanted = spread_of(made(x[None], m[None])[0], m, whole).numpy().transpose(1, 2, 0)
    np.testing.assert_allclose(highlights.added(code, mask_of(code)), wanted, atol=5e-6)


def test_features_see_edges_and_no_levels() -> None:
    torch = pytest.importorskip("torch")
    from candela_engines.upconvert.training.highlights_networks import PatchDiscriminator, gradient_features

    code = torch.rand(2, 3, 32, 48, generator=torch.Generator().manual_seed(0))
    for one, other in zip(gradient_features(code), gradient_features(code + 0.2), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)
    ramp = torch.arange(8.0).expand(1, 3, 8, 8)
    across, down, laplacian = gradient_features(ramp)[:3]
    assert (across == 1).all() and (down == 0).all() and (laplacian == 0).all()
    judge = PatchDiscriminator(8)
    assert judge(code, code[:, :1]).shape == (2, 1, 2, 4)


def test_training_is_the_same_after_an_interrupt(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from candela_engines.upconvert.training.highlights import HighlightSettings, train_highlights

    from .test_training import made

    pairs = [made(f"s{n}", 10 * n) for n in range(4)]
    for one in pairs:
        one.codes[:, 10:20, 10:30] = 255
    settings = HighlightSettings("placement,bt2446c", steps=4, plain=0.5, pairs=2, crop=32, width=4, judge=4)
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    for folder in (straight, parts):
        folder.mkdir()
    train_highlights(settings, pairs, straight)
    for until in (1, 3):
        train_highlights(settings, pairs, parts, until=until)
    last = train_highlights(settings, pairs, parts)
    assert last["step"] == 4 and np.isfinite(list(last.values())).all() and "judging" in last
    one, other = (torch.load(folder / "state.pt", weights_only=True) for folder in (straight, parts))
    for kind in ("generator", "judge", "mean"):
        for key, values in one[kind].items():
            torch.testing.assert_close(values, other[kind][key], rtol=0, atol=0)
    assert (parts / "plain.npz").is_file()
    with np.load(parts / "highlights.npz") as data:
        trained = load_highlights({key: data[key] for key in data.files}, threads=1)
    code = bright(40, 50)
    assert np.isfinite(trained.added(code, mask_of(code))).all()
    with pytest.raises(SystemExit, match="other settings"):
        train_highlights(HighlightSettings(steps=4), pairs, parts)


def test_rates_begin_anew_with_the_discriminator() -> None:
    pytest.importorskip("torch")
    from candela_engines.upconvert.training.highlights import HighlightSettings

    settings = HighlightSettings(steps=100, plain=0.6, rate=8e-4, judged_rate=1e-4)
    rates = [settings.rate_at(step) for step in (0, 29, 30, 45, 59, 60, 79, 80, 99)]
    assert rates == [8e-4, 8e-4, 4e-4, 2e-4, 2e-4, 1e-4, 1e-4, 5e-5, 2.5e-5]


def test_crops_have_something_to_learn_from() -> None:
    pytest.importorskip("torch")
    from candela_engines.upconvert.training.highlights_batches import BrightPairs, bases_of

    from .test_training import made

    pairs = [made(f"s{n}", 10 * n) for n in range(3)]
    for one in pairs:
        one.codes[:] = np.minimum(one.codes, 200)
    pairs[1].codes[2, 10:20, 10:30] = 255
    found = BrightPairs(pairs, (), bases_of("placement"))
    assert [one for some in found.groups.values() for one in some] == [(1, 2)]
    for crop in found.draw(6, np.random.default_rng(0)):
        assert crop.mask.max() == 1 and crop.operator == pairs[1].operators[2].partition("+")[0]
        off = (crop.mask == 0).expand_as(crop.true)
        assert (crop.true[off] == crop.first[off]).all() and (crop.true != crop.first).any()
