"""The second stage at random weights: tiles, what it leaves alone, and what of it counts as made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.upconvert.engine import open_engine
from candela_engines.upconvert.highlights import (
    DILATIONS,
    HALO,
    Highlights,
    HighlightsEngine,
    load_highlights,
    mask_of,
    open_highlights,
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


def test_tiles_are_the_whole_frame(highlights: Highlights) -> None:
    code = bright()
    whole = highlights.added(code, mask_of(code), tile=1000)
    assert np.abs(whole).max() > 0.01 and (whole[mask_of(code) == 0] == 0).all()
    for tile in (17, 32):
        np.testing.assert_allclose(highlights.added(code, mask_of(code), tile=tile), whole, atol=2e-6)


def test_no_pixel_beyond_the_halo_counts(highlights: Highlights) -> None:
    code, mask = bright(), mask_of(bright())
    other = code.copy()
    other[:, : 60 - HALO] *= np.float32(0.5)
    one, two = (highlights.added(c, mask, tile=1000)[45, 60] for c in (code, other))
    np.testing.assert_array_equal(one, two)
    other[:, : 61 - HALO] *= np.float32(0.5)
    assert (highlights.added(other, mask, tile=1000)[45, 60] != one).any()


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
    from candela_engines.upconvert.training.highlights_networks import Generator

    made = Generator(6)
    made.load_state_dict({key: torch.from_numpy(value) for key, value in highlight_weights().items()})
    code = bright(40, 50)
    with torch.no_grad():
        x = torch.from_numpy(np.ascontiguousarray(code.transpose(2, 0, 1)[None]))
        wanted = made(x, torch.from_numpy(mask_of(code)[None, None]))[0].numpy().transpose(1, 2, 0)
    np.testing.assert_allclose(highlights.added(code, mask_of(code)), wanted, atol=2e-6)


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
    settings = HighlightSettings(steps=3, pairs=2, crop=32, width=4, judge=4)
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    for folder in (straight, parts):
        folder.mkdir()
    train_highlights(settings, pairs, straight)
    train_highlights(settings, pairs, parts, until=1)
    last = train_highlights(settings, pairs, parts)
    assert last["step"] == 3 and np.isfinite(list(last.values())).all()
    one, other = (torch.load(folder / "state.pt", weights_only=True) for folder in (straight, parts))
    for kind in ("generator", "judge"):
        for key, values in one[kind].items():
            torch.testing.assert_close(values, other[kind][key], rtol=0, atol=0)
    with np.load(parts / "highlights.npz") as data:
        trained = load_highlights({key: data[key] for key in data.files}, threads=1)
    code = bright(40, 50)
    assert np.isfinite(trained.added(code, mask_of(code))).all()
    with pytest.raises(SystemExit, match="other settings"):
        train_highlights(HighlightSettings(steps=4), pairs, parts)
